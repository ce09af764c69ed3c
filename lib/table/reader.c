/* SPDX-License-Identifier: Apache-2.0 */
#include "table/reader.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "table/sample.h"
#include "table/sql.h"

struct table_reader {
  store *from;
  const row_layout *layout;
  unsigned children;
  checkrob_row *row;
  sqlite3_stmt *select;
  sqlite3_stmt **select_child; /* [child count of the layout]; NULL for those that are not read */
};

static bool is_wanted(const table_reader *r, const row_layout *child) {
  unsigned flag = row_layout_flags(child) & CHILD_HIDDEN ? READ_HIDDEN_CHILDREN : READ_CHILDREN;
  return (r->children & flag) != 0;
}

static checkrob_status prepare_child(table_reader *r, size_t child) {
  const row_layout *layout = row_layout_child(r->layout, child);
  if (!is_wanted(r, layout)) return CHECKROB_OK;
  char *columns = sql_columns(layout, "");
  const char *order = row_layout_flags(layout) & CHILD_ONE ? "" : " ORDER BY position";
  char *sql = columns ? text_format("SELECT sample%s FROM \"%s\" WHERE sample = ?%s", columns,
                                    row_layout_table(layout), order)
                      : NULL;
  checkrob_status status = sql_prepare(&r->select_child[child], r->from, sql, SQL_READ);
  free(sql);
  free(columns);
  return status;
}

/* `id`, or "NULL" if there are no children to read. */
static checkrob_status prepare(table_reader *r, const char *id, const char *rest) {
  size_t count = row_layout_child_count(r->layout);
  r->select_child = calloc(count + 1, sizeof *r->select_child);
  if (!r->select_child) return error_memory("the results");
  char *columns = sql_columns(r->layout, "");
  char *sql = columns
                  ? text_format("SELECT %s%s FROM \"%s\" %s", id, columns, row_layout_table(r->layout), rest)
                  : NULL;
  checkrob_status status = sql_prepare(&r->select, r->from, sql, SQL_READ);
  for (size_t i = 0; i < count && !status; i++) status = prepare_child(r, i);
  free(sql);
  free(columns);
  return status ? status : row_new(&r->row, r->layout);
}

static checkrob_status open_reader(table_reader **out, store *s, const row_layout *layout, unsigned children,
                                   const char *id, const char *rest) {
  table_reader *r = calloc(1, sizeof *r);
  if (!r) return error_memory("the results");
  r->from = s;
  r->layout = layout;
  r->children = children;
  checkrob_status status = prepare(r, id, rest);
  if (status)
    table_reader_close(r);
  else
    *out = r;
  return status;
}

checkrob_status sample_reader_open(table_reader **out, store *s, unsigned children) {
  return open_reader(out, s, s->samples, children, "id", "ORDER BY input, part");
}

checkrob_status sample_reader_open_by_class(table_reader **out, store *s, unsigned children) {
  return open_reader(out, s, s->samples, children, "id", "WHERE \"index\" = ? ORDER BY input, part");
}

void sample_reader_select(table_reader *r, int64_t class_index) {
  sqlite3_reset(r->select);
  sqlite3_bind_int64(r->select, 1, class_index);
}

checkrob_status table_reader_open(table_reader **out, store *s, const row_layout *layout) {
  return open_reader(out, s, layout, 0, "NULL", "ORDER BY rowid");
}

checkrob_status table_reader_open_sorted(table_reader **out, store *s, const row_layout *layout,
                                         const row_order *order, size_t count) {
  char *rest = text_copy("ORDER BY ");
  for (size_t i = 0; i < count && rest; i++) {
    char *more = text_format("%scoalesce(\"%s\", %.17g)%s, ", rest, order[i].name, order[i].if_missing,
                             order[i].falling ? " DESC" : "");
    free(rest);
    rest = more;
  }
  char *all = rest ? text_format("%srowid", rest) : NULL;
  free(rest);
  if (!all) return error_memory("the results");
  checkrob_status status = open_reader(out, s, layout, 0, "NULL", all);
  free(all);
  return status;
}

void table_reader_close(table_reader *r) {
  if (!r) return;
  sqlite3_finalize(r->select);
  for (size_t i = 0; r->select_child && i < row_layout_child_count(r->layout); i++)
    sqlite3_finalize(r->select_child[i]);
  free(r->select_child);
  row_free(r->row);
  free(r);
}

static checkrob_status read_children(table_reader *r, size_t child, sqlite3_int64 sample) {
  sqlite3_stmt *select = r->select_child[child];
  if (!select) return CHECKROB_OK;
  sqlite3_bind_int64(select, 1, sample);
  checkrob_status status = CHECKROB_OK;
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW) {
    checkrob_row *row = NULL;
    int position = 1; /* after the sample */
    status = row_add_child(&row, r->row, child);
    if (!status) status = sql_read_row(row, r->from, select, &position);
  }
  if (!status && code != SQLITE_DONE) status = sql_error(r->from, SQL_READ);
  sqlite3_reset(select);
  return status;
}

/* What every sample has. Its place in the dataset becomes a size. */
static checkrob_status check_sample(const table_reader *r) {
  static const size_t texts[] = {SAMPLE_IMAGE, SAMPLE_STATUS};
  bool sound = row_integer(r->row, SAMPLE_INPUT) >= 0 && row_integer(r->row, SAMPLE_PART) >= 0;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) sound = sound && row_has(r->row, texts[i]);
  return sound ? CHECKROB_OK
               : error_set(CHECKROB_ERROR_BAD_INPUT,
                           "%s is damaged: a sample has no image, no status or no place in the dataset; "
                           "restore it, or score again, into another file",
                           r->from->path);
}

checkrob_status table_reader_next(checkrob_row **out, table_reader *r) {
  int code = sqlite3_step(r->select), position = 1; /* after the id */
  if (code == SQLITE_DONE) return CHECKROB_END;
  if (code != SQLITE_ROW) return sql_error(r->from, SQL_READ);
  row_clear(r->row);
  checkrob_status status = sql_read_row(r->row, r->from, r->select, &position);
  if (!status && r->layout == r->from->samples) status = check_sample(r);
  for (size_t c = 0; c < row_layout_child_count(r->layout) && !status; c++)
    status = read_children(r, c, sqlite3_column_int64(r->select, 0));
  if (!status) *out = r->row;
  return status;
}
