import type { PageBody } from './content-page.js';
import type { PageContent } from './page-content.js';
import { personName } from './prose.js';
import type { SiteModel } from './site-model.js';
import type { Skin } from './skin.js';

const SALT = 401;
const HOUR_MS = 3_600_000;

/** A discussion, a post for every paragraph; its facts are in its markup alone. */
export function thread(model: SiteModel, content: PageContent, skin: Skin): PageBody {
  const random = model.random(SALT, content.page);
  let at = Date.parse(content.publishedAt);
  const posts = content.paragraphs.map((paragraph, index) => {
    const author = index === 0 ? content.author : personName(random);
    if (index > 0) at += HOUR_MS * (1 + random.below(30));
    const time = new Date(at).toISOString();
    return `<li class="${skin.name('post')}" id="${skin.name(`post-${index + 1}`)}">
<div class="${skin.name('poster')}"><b class="${skin.name('author')}">${author}</b> <time datetime="${time}">${time.slice(0, 10)}</time></div>
<div class="${skin.name('post-body')}"><p>${paragraph}</p></div>
</li>`;
  });
  return {
    openGraphType: 'website',
    head: '',
    main: `<section class="${skin.name('thread')}">
<h1>${content.title}</h1>
<ol class="${skin.name('posts')}">
${posts.join('\n')}
</ol>
</section>`,
  };
}
