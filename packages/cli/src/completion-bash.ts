/**
 * The completion script of bash. It needs bash 3.2 and nothing else, may be sourced again, and defines `_lsm` alone. It
 * never evaluates what was typed.
 */

/** bash cuts words at `=` and `:`; the first loop joins them again. Directive 4 of `lsm complete` is: no files here. */
export const bashCompletion = `# bash completion for lsm
_lsm() {
  local IFS=$'\\n' words word glue= line directive=0 i
  words=()
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((\${#words[@]} > 0)) && [[ $glue == 1 || $word == [=:] ]]; then
      words[\${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    glue=
    if [[ $word == [=:] ]]; then glue=1; fi
  done
  COMPREPLY=()
  while read -r line; do
    case $line in
      :[0-9]*) directive=\${line#:} ;;
      ?*) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <("\${1/#\\~/\${HOME-}}" complete -- "\${words[@]}" 2>/dev/null)
  if ((directive & 4)) && [[ $(type -t compopt) == builtin ]]; then compopt +o default 2>/dev/null || :; fi
  return 0
}
complete -o default -F _lsm lsm`
