import { describe, expect, it } from 'vitest'
import { markup } from './html.js'

describe('markup', () => {
  it('escapes what is put into a page', () => {
    const name = `<script>alert("1")</script> & 'x'`
    expect(markup`<td title="${name}">${name}</td>`.text).toBe(
      '<td title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;">' +
        '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;</td>',
    )
  })

  it('takes pieces and lists of them as they are', () => {
    const rows = ['a', '<b>'].map((name) => markup`<li>${name}</li>`)
    expect(markup`<ul>${rows}</ul>${markup`<hr>`}${7}`.text).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul><hr>7')
  })
})
