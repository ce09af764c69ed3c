#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The shells complete commands, options and values.
. "$LIB"

checkrob completion bash > bash.sh
. ./bash.sh
# complete WORD...: what bash offers for the last word.
complete_bash() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  _checkrob
  echo "$*: ${COMPREPLY[*]}"
}
complete_bash checkrob comp
complete_bash checkrob score --data
complete_bash checkrob score --dataset ''
complete_bash checkrob score --dataset = v
complete_bash checkrob export --as classes
complete_bash checkrob score --model ''
complete_bash checkrob completion f
# Every option of every command is offered.
for command in score check export gate; do
  COMP_WORDS=(checkrob $command --) COMP_CWORD=2
  _checkrob
  diff <(printf '%s\n' "${COMPREPLY[@]}" | sort) \
    <(checkrob $command --help | grep -o '^  --[a-z-]*' | tr -d ' ' | sort) || die "$command: options differ"
done
exits 2 checkrob completion fsh
exits 2 checkrob completion

checkrob completion fish > fish.fish
checkrob completion zsh > _checkrob
if command -v fish > /dev/null; then
  fish_offers() { HOME=$WORK fish --no-config -c "source fish.fish; complete -C '$1'" | cut -f 1 | sort | xargs; }
  [ "$(fish_offers 'checkrob score --dataset ')" = "coco imagenet manifest voc yolo" ] || die "fish: --dataset"
  [ "$(fish_offers 'checkrob comp')" = "compare completion" ] || die "fish: commands"
  [ "$(fish_offers 'checkrob export --as class')" = "classes.csv classes.jsonl" ] || die "fish: --as"
fi
if command -v zsh > /dev/null; then
  zsh -n _checkrob
  cat > offers.zsh <<'END'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1='' fpath=($PWD \$fpath); autoload -Uz compinit; compinit -D -u; LISTMAX=1000; bindkey '^I' complete-word; zstyle ':completion:*' list-colors ''; echo rea''dy"
zpty -r shell line '*ready*'
zpty -w -n shell "$1"$'\t'
zpty -w -n shell $'\C-a: \C-e; echo en""d\n'
zpty -r shell line '*end*'
print -r -- $line
END
  [[ $(zsh -f offers.zsh 'checkrob score --datas') == *--dataset* ]] || die "zsh: an option"
  [[ $(zsh -f offers.zsh 'checkrob score --dataset=y') == *--dataset=yolo* ]] || die "zsh: a value"
  [[ $(zsh -f offers.zsh 'checkrob feat') == *"checkrob features"* ]] || die "zsh: a command"
fi
