import { Argument, type Command } from 'commander'

const SHELLS = ['bash', 'zsh', 'fish']

const HELP = `
The script asks "countinghouse" for what may come next, so that command must be on your PATH: "npm link" in the clone puts
it there. bash needs its package "bash-completion" too.

Examples:
  bash: $ countinghouse completion bash > ~/.local/share/bash-completion/completions/countinghouse
  zsh:  $ countinghouse completion zsh > "\${fpath[1]}/_countinghouse"
  fish: $ countinghouse completion fish > ~/.config/fish/completions/countinghouse.fish`

export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print a script that completes commands in a shell')
    .description('Prints a script with which a shell completes commands, flags and their values.')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText('after', HELP)
    .action(async (shell: string) => (await import('./completion.js')).printScript(program, shell))
}
