# SPDX-License-Identifier: Apache-2.0
# screen COLUMNS COMMAND...: what a terminal of so many columns shows when the command has ended.
# `colours=1` shows its colours too; `no_color=1` sets NO_COLOR. Sourced after lib.sh.
screen() {
  local columns=$1 name=checkrob-$$-$RANDOM
  shift
  printf '%q ' "$@" > command.sh
  # The terminal answers to the question where the cursor is, when it has shown all that was written before.
  cat >> command.sh << END

echo "\$?" > code
stty -echo -icanon
printf '\033[6n'
read -r -t 600 -d R
tmux -L $name wait-for -S done
sleep 3600
END
  env -u NO_COLOR -u COLUMNS ${no_color:+NO_COLOR=1} TERM=screen-256color \
    tmux -L "$name" -f /dev/null new-session -d -x "$columns" -y 120 "bash command.sh"
  tmux -L "$name" wait-for done
  tmux -L "$name" capture-pane -p ${colours:+-e} | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
  tmux -L "$name" kill-server
}
