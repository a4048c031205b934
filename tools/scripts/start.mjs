// Starts a program of dist by its path there, in this very process: `npm start` hands signals on to it, whatever it does.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0))
await import('./ensure-built.mjs')
await import(`../../dist/${process.argv[2]}.js`)
