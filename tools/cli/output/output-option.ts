import { Option, type Command } from 'commander'

/** What a command prints as; the first is for people. */
export const OUTPUTS = ['table', 'json', 'ndjson', 'csv'] as const
export type Output = (typeof OUTPUTS)[number]

export interface OutputArguments<T extends string = Output> {
  output?: T
  json?: true
}

/** Adds `--output` with these formats, and `--json` for short. */
export function addOutputOption(command: Command, outputs: readonly string[] = OUTPUTS): Command {
  return command
    .addOption(new Option('-o, --output <format>', `how to print (default: ${outputs[0]})`).choices(outputs))
    .option('--json', 'short for --output json')
}

/** Adds it to a command that prints one thing. */
export function addJsonOption(command: Command): Command {
  return addOutputOption(command, ['table', 'json'])
}

export function outputOf<T extends string = Output>({ output, json }: OutputArguments<T>): T | 'table' | 'json' {
  return output ?? (json ? 'json' : 'table')
}

export function isJson(given: OutputArguments<string>): boolean {
  return outputOf(given) === 'json'
}
