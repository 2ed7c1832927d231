import type { Thread } from './content.js';
import { escape, longDate } from './html.js';
import type { PageParts } from './layout.js';

/** A thread, its posts in the order they were written. */
export function forumPage(thread: Thread & { readonly slug: string }): PageParts {
  const first = thread.posts[0];
  return {
    path: `/forum/${thread.slug}`,
    title: thread.title,
    description: `${thread.posts.length} posts in ${thread.board}${first === undefined ? '' : `, begun by ${first.author}`}`,
    crumbs: [
      ['/', 'Home'],
      ['/forum/', 'Forum'],
    ],
    main: `<article class="thread">
<p class="kicker">${escape(thread.board)}</p>
<h1>${escape(thread.title)}</h1>
${thread.posts
  .map(
    (post, index) => `<section class="post" id="post-${index + 1}">
<header>
<b class="author">${escape(post.author)}</b>${escape(post.role)}<br>
<a href="#post-${index + 1}"><time datetime="${post.at}">${longDate(post.at)}, ${post.at.slice(11, 16)}</time></a>
</header>
<div class="body">${post.body.map((block) => (/^<(?:ul|blockquote)/.test(block) ? block : `<p>${block}</p>`)).join('\n')}</div>
</section>`,
  )
  .join('\n')}
</article>`,
  };
}
