import { forEachConcurrent } from './for-each-concurrent.js'
import { ApiClient } from './api-client.js'
import { createDisplay } from './create-display.js'
import type { Display } from './display.js'
import { concernsEveryFile } from './explain.js'
import { FileLoader, type Outcome } from './file-loader.js'
import { Interrupt } from './interrupt.js'
import type { LoadSettings } from './load-settings.js'
import { asJson, asText, isSuccess, summary } from './report.js'

/** Loads the files, reports on each, and gives the exit code: 0 when all went well, 1 when one did not, 130 after Ctrl-C. */
export async function loadFiles(files: string[], settings: LoadSettings): Promise<number> {
  const display = createDisplay(settings)
  const interrupt = new Interrupt(
    () => display.note('Canceling the running loads. Press Ctrl-C again to stop here and leave them to the server.'),
    () => display.close(),
  )
  const loader = new FileLoader(new ApiClient(settings.url, settings.apiKey), settings, display, interrupt.signal)
  const results: Outcome[] = []
  const mayGoOn = (): boolean => !interrupt.signal.aborted && !results.some(({ error }) => concernsEveryFile(error))
  await forEachConcurrent(whilst(files, mayGoOn), settings.parallel, async (file) => {
    const result = await loader.load(file)
    results.push(result)
    report(result, settings, display)
  })
  display.close()
  if (!settings.json && files.length > 1) display.print(summary(results, files.length - results.length))
  return interrupt.exitCode ?? (results.length === files.length && results.every(isSuccess) ? 0 : 1)
}

function report(result: Outcome, { json, url }: LoadSettings, display: Display): void {
  if (json) display.print(asJson(result, url))
  else if (isSuccess(result)) display.print(asText(result, url))
  else display.note(asText(result, url))
}

function* whilst(files: string[], mayGoOn: () => boolean): Generator<string> {
  for (const file of files) {
    if (!mayGoOn()) return
    yield file
  }
}
