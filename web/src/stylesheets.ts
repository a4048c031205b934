/** Resolves when the stylesheets that web/vite.config.ts keeps from holding up the skeleton are here and in force. */
export async function applyStylesheets(): Promise<void> {
  const waiting = document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet][media=print]')
  await Promise.all([...waiting].map(apply))
}

async function apply(link: HTMLLinkElement): Promise<void> {
  if (!link.sheet) {
    await new Promise((resolve) => {
      link.addEventListener('load', resolve)
      // A page without its looks still says more than none.
      link.addEventListener('error', resolve)
    })
  }
  link.media = 'all'
}
