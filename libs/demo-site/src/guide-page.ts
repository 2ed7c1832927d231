import type { Entry, GuideHead } from './content.js';
import { escape, longDate } from './html.js';
import type { PageParts } from './layout.js';

/** A page of the handbook. */
export function guidePage(guide: Entry<GuideHead>): PageParts {
  return {
    path: `/handbook/${guide.slug}`,
    title: guide.title,
    description: guide.summary,
    crumbs: [
      ['/', 'Home'],
      ['/handbook/', 'Handbook'],
    ],
    main: `<article class="guide">
<h1>${escape(guide.title)}</h1>
<p class="standfirst">${escape(guide.summary)}</p>
${guide.html.trim().replaceAll('<table>', '<div class="scroll"><table>').replaceAll('</table>', '</table></div>')}
<p class="byline">Last changed on <time datetime="${guide.updated}">${longDate(guide.updated)}</time></p>
</article>`,
  };
}
