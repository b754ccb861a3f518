/**
 * The scripts that `nimrod completion` prints. Each asks `nimrod __complete` at every tab and never evaluates what
 * comes back: a title is text that somebody else wrote.
 */

const bash = `# bash completion for nimrod. For every new shell:
#   nimrod completion bash > ~/.local/share/bash-completion/completions/nimrod
# or, in ~/.bashrc:  eval "$(nimrod completion bash)"

_nimrod() {
  local program=nimrod line
  local -a lines=()
  # The very program that is being typed, where it was typed with a path.
  [[ $1 == */* && -x $1 ]] && program=$1
  while IFS= read -r line; do lines+=("$line"); done < <(
    "$program" __complete bash "\${COMP_TYPE:-9}" -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null
  )
  COMPREPLY=()
  case \${lines[0]-} in
    :files) compopt -o default 2>/dev/null ;;
    :folders) compopt -o dirnames 2>/dev/null ;;
    *) COMPREPLY=("\${lines[@]}") ;;
  esac
}
complete -F _nimrod nimrod
`;

const zsh = `#compdef nimrod
# zsh completion for nimrod. For every new shell, into a folder of $fpath:
#   nimrod completion zsh > ~/.zfunc/_nimrod      (with  fpath+=~/.zfunc  before compinit in ~/.zshrc)
# or, in ~/.zshrc after compinit:  source <(nimrod completion zsh)

_nimrod() {
  local program=nimrod
  local -a lines values displays
  [[ $words[1] == */* && -x $words[1] ]] && program=$words[1]
  lines=("\${(@f)$("$program" __complete zsh 9 -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  case $lines[1] in
    '') return 1 ;;
    :files|:folders)
      # --body-file=text: what is completed stands behind the =
      [[ $PREFIX == --*=* ]] && compset -P '*='
      if [[ $lines[1] == :files ]]; then _files; else _files -/; fi
      return ;;
  esac
  values=("\${(@)lines%%$'\\t'*}")
  displays=("\${(@)lines/$'\\t'/  }")
  # -a: the words are in an array, and neither they nor what is shown of them is expanded.
  compadd -l -d displays -a -- values
}

if [[ $funcstack[1] == _nimrod ]]; then
  _nimrod "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _nimrod nimrod
fi
`;

const fish = `# fish completion for nimrod. For every new shell:
#   nimrod completion fish > ~/.config/fish/completions/nimrod.fish
# or, in ~/.config/fish/config.fish:  nimrod completion fish | source

function __nimrod_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program nimrod
    string match -q '*/*' -- $words[1]; and test -x "$words[1]"; and set program $words[1]
    set -l lines ($program __complete fish 9 -- $words[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case ''
            return
        case :files :folders
            # --body-file=text: what is completed stands behind the =
            set -l lead (string match -r -- '^--[a-z-]+=' "$current")
            set -l path (string replace -r -- '^--[a-z-]+=' '' "$current")
            set -l paths
            if test "$lines[1]" = :files
                set paths (__fish_complete_path "$path")
            else
                set paths (__fish_complete_directories "$path")
            end
            test -n "$paths"; and printf '%s\\n' "$lead"$paths
        case '*'
            printf '%s\\n' $lines
    end
end
complete -c nimrod -e
complete -c nimrod -f -a '(__nimrod_complete)'
`;

export const completionScripts = { bash, zsh, fish } as const;
