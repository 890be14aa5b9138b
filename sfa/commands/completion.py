"""`sfa completion SHELL`: the script that makes a shell complete commands, options, references and names."""

from __future__ import annotations

from typing import Annotated

import typer

from sfa import output
from sfa.errors import UsageError, did_you_mean
from sfa.messages import say, together

BASH = r"""# sfa for bash: source <(sfa completion bash), in ~/.bashrc.
_sfa_complete() {
    local line="${COMP_LINE:0:COMP_POINT}" current="${COMP_WORDS[COMP_CWORD]}" entry value
    local -a entries
    COMPREPLY=()
    mapfile -t entries < <(sfa __complete bash "$line" 2>/dev/null)
    for entry in "${entries[@]}"; do
        value="${entry%%$'\t'*}"
        case "$current" in
            [\'\"]*) ;;
            *) printf -v value '%q' "$value" ;;
        esac
        # Several references are shown with their names; the one that is left is inserted alone.
        if ((${#entries[@]} > 1)) && [[ $COMP_TYPE == 63 && "$entry" == *$'\t'* ]]; then value="${entry/$'\t'/  }"; fi
        COMPREPLY+=("$value")
    done
    [[ ${#entries[@]} == 1 && "${COMPREPLY[0]}" == *[=:] ]] && compopt -o nospace
    return 0
}
complete -o default -F _sfa_complete sfa
"""
ZSH = r"""#compdef sfa
# sfa for zsh: source <(sfa completion zsh), in ~/.zshrc behind compinit; or this text as _sfa in a folder of $fpath.
_sfa() {
    local -a entries values shown bare
    local entry value
    entries=("${(@f)$(sfa __complete zsh "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    for entry in $entries; do
        value="${entry%%$'\t'*}"
        if [[ $entry == *$'\t'* ]]; then entry="$value  -- ${entry#*$'\t'}"; fi
        if [[ $value == *[=:] ]]; then bare+=("$value"); else values+=("$value"); shown+=("$entry"); fi
    done
    (( ${#values} )) && compadd -l -d shown -- "${values[@]}"
    (( ${#bare} )) && compadd -S '' -- "${bare[@]}"
    (( ${#values} + ${#bare} )) || _files
}
if [[ $funcstack[1] == _sfa ]]; then _sfa "$@"; else compdef _sfa sfa; fi
"""
FISH = r"""# sfa for fish: sfa completion fish > ~/.config/fish/completions/sfa.fish
function __sfa_complete
    set -l words (commandline -opc)
    sfa __complete fish $words[2..-1] (commandline -ct | string unescape) 2>/dev/null
end
complete -c sfa -f -a '(__sfa_complete)'
"""
POWERSHELL = r"""# sfa for PowerShell: sfa completion powershell | Out-String | Invoke-Expression, in $PROFILE.
Register-ArgumentCompleter -Native -CommandName sfa -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($null -ne $_.Value) { [string]$_.Value } else { $_.Extent.Text } })
    $words += "$wordToComplete".TrimStart("'", '"')
    $encoding = [Console]::OutputEncoding
    try {
        # What stands on the line goes through the environment: older PowerShells drop empty arguments and mangle quotes.
        $env:SFA_COMPLETE = $words -join "`n"
        [Console]::OutputEncoding = [System.Text.Encoding]::UTF8
        sfa __complete powershell 2>$null | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            $insert = if ($value -match '[^\w:=./~%+-]') { "'" + $value.Replace("'", "''") + "'" } else { $value }
            $tip = if ($help) { $help } else { $value }
            $shown = if ($help -and $value.Length -lt 40) { "$value  $help" } else { $value }
            [System.Management.Automation.CompletionResult]::new($insert, $shown, 'ParameterValue', $tip)
        }
    } finally {
        [Console]::OutputEncoding = $encoding
        Remove-Item Env:SFA_COMPLETE -ErrorAction SilentlyContinue
    }
}
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH, "powershell": POWERSHELL}


def command(
    ctx: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")],
) -> None:
    """Print the script with which a shell completes sfa's commands, options, references and names.

    bash: source <(sfa completion bash), in ~/.bashrc. zsh: source <(sfa completion zsh), in ~/.zshrc behind compinit. fish: write it to
    ~/.config/fish/completions/sfa.fish. PowerShell: sfa completion powershell | Out-String | Invoke-Expression, in $PROFILE.

    Examples:
      sfa completion bash
      sfa completion fish
    """
    if shell not in SCRIPTS:
        raise UsageError(
            say("there is no completion for {shell!r}", shell=shell[:60]),
            say("{near}Shells: {scripts}", near=did_you_mean(shell[:60], *SCRIPTS), scripts=together(", ", SCRIPTS)),
        )
    output.document(SCRIPTS[shell])
