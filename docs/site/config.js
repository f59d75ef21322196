import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'

const folder = dirname(dirname(fileURLToPath(import.meta.url)))

/** Entries of the side bar whose pages are there. */
const entries = (...list) => list.filter(({ link }) => existsSync(join(folder, `${link}${link.endsWith('/') ? 'index' : ''}.md`)))
const packageEntries = (...names) => entries(...names.map((name) => ({ text: name, link: `/${name}/` })))
const migrateEntries = (...names) => entries(...names.map((name) => ({ text: name.replaceAll('-', ' '), link: `/migrate/${name}` })))

/** Two braces are text, and no expression of the page's template. */
function plainBraces(md) {
  for (const rule of ['text', 'code_inline']) {
    const usual = md.renderer.rules[rule]
    md.renderer.rules[rule] = (...args) => usual(...args).replaceAll('{{', '&#123;&#123;')
  }
}

// biome-ignore lint/style/noDefaultExport: the form that VitePress reads
export default defineConfig({
  title: 'countersign',
  description:
    'Request authentication between machines: HMAC signatures, API keys, client groups and certificate pins for Express, Koa and axios.',
  lang: 'en',
  cacheDir: '.vitepress/cache',
  cleanUrls: false,
  lastUpdated: false,
  markdown: {
    // What is written in a document is text, never HTML.
    html: false,
    // As on GitHub, so that a link to a heading works in both places.
    config: plainBraces,
    anchor: {
      slugify: (text) =>
        text
          .trim()
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Start', link: '/' },
      { text: 'Schemes', link: '/schemes/catalogue' },
      { text: 'Migrate', link: '/migrate/' },
      { text: 'Security', link: '/security' },
    ],
    sidebar: [
      {
        text: 'Start',
        items: entries(
          { text: 'countersign', link: '/' },
          { text: 'How a request is processed', link: '/architecture' },
          { text: 'Error codes', link: '/errors' },
        ),
      },
      { text: 'Incoming', items: packageEntries('hmac-verify', 'api-key', 'client-group', 'tls-pin') },
      {
        text: 'Outgoing',
        items: [...packageEntries('axios-auth'), ...entries({ text: 'Kinds of credentials', link: '/axios-auth/kinds' })],
      },
      {
        text: 'Schemes',
        items: entries(
          { text: 'schemes', link: '/schemes/' },
          { text: 'The language', link: '/schemes/language' },
          { text: 'The catalogue', link: '/schemes/catalogue' },
        ),
      },
      { text: 'Shared', items: packageEntries('core', 'redis', 'cli') },
      {
        text: 'Migrate from',
        items: migrateEntries(
          'passport-http',
          'passport-headerapikey',
          'hmac-auth-express',
          'vendor-sdks',
          'aws4-and-hawk',
          'axios-oauth-client',
          'axios-ntlm',
        ),
      },
      {
        text: 'Examples',
        items: entries(
          { text: 'HAProxy and pins', link: '/examples/haproxy-tls-pin' },
          { text: 'Observability', link: '/examples/observability' },
        ),
      },
      {
        text: 'Project',
        items: entries(
          { text: 'Security', link: '/security' },
          { text: 'Benchmarks', link: '/measured' },
          { text: 'Mutation tests', link: '/mutation' },
          { text: 'Contributing', link: '/contributing' },
          { text: 'Changelog', link: '/changelog' },
        ),
      },
    ],
  },
})
