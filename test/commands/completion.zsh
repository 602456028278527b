# What zsh offers for lines that are typed: a shell on a terminal of its own, which is asked with the tab key.
# Arguments: the completion script, the file that gets the answers, the lines. After each line's words stands a dot.
zmodload zsh/zpty
zpty -b typed zsh -f -i
script=$1 answers=$2
shift 2
: > $answers
# With -O, -A or -D compadd fills an array and offers nothing. READY is not in one word: what is typed is echoed.
zpty -w typed "unsetopt beep list_beep
autoload -Uz compinit && compinit -D -u
source ${(q)script}
compadd() {
  if ((\${@[(I)-[OAD]]})); then builtin compadd \"\$@\"; return; fi
  local -a offered
  builtin compadd -O offered \"\$@\"
  print -rl -- \$offered >> ${(q)answers}
  builtin compadd \"\$@\"
}
offer() { _main_complete; print . >> ${(q)answers}; compstate[insert]= compstate[list]= }
zle -C offer complete-word offer
bindkey '^I' offer
bindkey '^X' kill-whole-line
print -n REA''DY"
zpty -r typed seen '*READY*'
integer asked=0
for line; do
  asked+=1
  zpty -n -w typed "$line"$'\t'
  until (($(grep -cx '[.]' $answers) >= asked)); do sleep 0.01; done
  zpty -n -w typed $'\x18'
done
zpty -d typed
