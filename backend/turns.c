/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/turns.h"

bool turns_start(turns *t) {
  *t = (turns){.running = 0};
  if (pthread_mutex_init(&t->lock, NULL) != 0) return false;
  if (pthread_cond_init(&t->changed, NULL) == 0) return true;
  pthread_mutex_destroy(&t->lock);
  return false;
}

void turns_stop(turns *t) {
  pthread_cond_destroy(&t->changed);
  pthread_mutex_destroy(&t->lock);
}

void turns_enter(turns *t, bool alone) {
  pthread_mutex_lock(&t->lock);
  t->waiting_alone += alone;
  while (t->is_alone || (alone ? t->running > 0 : t->waiting_alone > 0))
    pthread_cond_wait(&t->changed, &t->lock);
  t->waiting_alone -= alone;
  t->running++;
  t->is_alone = alone;
  pthread_mutex_unlock(&t->lock);
}

void turns_leave(turns *t) {
  pthread_mutex_lock(&t->lock);
  t->running--;
  t->is_alone = false;
  pthread_cond_broadcast(&t->changed);
  pthread_mutex_unlock(&t->lock);
}
