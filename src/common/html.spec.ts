import { describe, expect, it } from 'vitest'
import { html } from './html.js'

describe('html', () => {
  it('escapes what is put into a page', () => {
    const name = `<script>alert("1")</script> & 'x'`
    expect(html`<td title="${name}">${name}</td>`.text).toBe(
      '<td title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;">' +
        '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;</td>',
    )
  })

  it('takes pieces and lists of them as they are', () => {
    const rows = ['a', '<b>'].map((name) => html`<li>${name}</li>`)
    expect(
      html`<ul>
          ${rows}
        </ul>
        ${html`<hr />`}${7}`.text,
    ).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul><hr>7')
  })
})
