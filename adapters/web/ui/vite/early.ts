// The page's first script stands by itself: it runs before what it is a part of has come.
import type {Plugin} from 'vite';

export function early(): Plugin {
  return {
    name: 'early',
    transformIndexHtml: {
      order: 'post',
      handler(html, {bundle}) {
        const chunk = Object.values(bundle ?? {}).find(({name}) => name === 'early');
        if (!chunk) return html;
        const src = '/' + chunk.fileName;
        const attrs = {type: 'module', crossorigin: true, src};
        return {
          html: html.replace(new RegExp(` *<link rel="modulepreload"[^>]*${src}">\\n`), ''),
          tags: [{tag: 'script', attrs, injectTo: 'head-prepend'}]
        };
      }
    }
  };
}
