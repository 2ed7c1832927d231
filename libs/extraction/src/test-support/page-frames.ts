const SUBJECTS = [
  'The harbor master',
  'A young sailor',
  'The old lighthouse',
  'Every second boat',
  'The council',
  'A gray seal',
  'The night ferry',
  'Our neighbor',
];
const VERBS = ['keeps', 'forgets', 'paints', 'carries', 'finds', 'counts', 'repairs', 'sells'];
const OBJECTS = [
  'a copper kettle',
  'the long rope',
  'seven white sails',
  'the winter stores',
  'an unusual map',
  'the north wall',
  'a box of nails',
  'the quiet bell',
];

const pick = (words: readonly string[], at: number): string => words[at % words.length] ?? '';

/** A sentence of about fifteen words. */
export function sentence(number: number): string {
  return `${pick(SUBJECTS, number)} ${pick(VERBS, number + 3)} ${pick(OBJECTS, number + 1)}, although ${pick(SUBJECTS, number + 5).toLowerCase()} ${pick(VERBS, number + 1)} ${pick(OBJECTS, number + 4)} in the morning.`;
}

/** A headline without a full stop. */
export function titleOf(number: number): string {
  return `${pick(SUBJECTS, number + 2)} ${pick(VERBS, number)} ${pick(OBJECTS, number + 3)}`;
}

export interface Marker {
  /** Text that belongs to the content. */
  readonly yes: (text: string) => string;
  /** Text that does not; `alone` keeps the wording as it is and puts the mark in an element beside it. */
  readonly no: (text: string, alone?: boolean) => string;
}

/** Numbered marks, so that each piece of text can be found again. */
export class Marks implements Marker {
  private readonly wanted: string[] = [];
  private readonly unwanted: string[] = [];

  readonly yes = (text: string): string => {
    const mark = `yes${this.wanted.length}x`;
    this.wanted.push(mark);
    return `${text} ${mark}`;
  };

  /** Words of buttons are told by their wording: those are counted by what they say. */
  readonly no = (text: string, alone = false): string => {
    if (alone) {
      this.unwanted.push(text);
      return text;
    }
    const mark = `not${this.unwanted.length}x`;
    this.unwanted.push(mark);
    return `${text} ${mark}`;
  };

  lists(): { wanted: readonly string[]; unwanted: readonly string[] } {
    return { wanted: this.wanted, unwanted: this.unwanted };
  }
}

export interface FrameParts {
  readonly marks: Marks;
  readonly title: string;
  readonly content: string;
}

const MENU = ['Home', 'Products', 'Journal', 'About', 'Contact'];

function linksOf({ no }: Marks, words: readonly string[]): string[] {
  return words.map((word) => `<a href="/${word.toLowerCase()}">${no(word)}</a>`);
}

/** A whole page round a content: with landmarks, as nothing but boxes with made-up names, or as a table of columns. */
export function frameOf(kind: 'semantic' | 'soup' | 'table', { marks, title, content }: FrameParts): string {
  const { no } = marks;
  const menu = linksOf(marks, MENU);
  const foot = linksOf(marks, ['Imprint', 'Privacy', 'Terms', 'Careers', 'Press']);
  const side = linksOf(marks, ['Boats', 'Ropes', 'Sails', 'Charts', 'Knots', 'Lights']);
  const rights = no('© 2026 Harbor Works. All rights reserved.');
  const head = `<!doctype html><html lang="en"><head><title>${title} | Harbor Works</title></head>`;
  if (kind === 'semantic')
    return `${head}<body><header><a href="/">Harbor Works</a><nav><ul><li>${menu.join('</li><li>')}</li></ul></nav></header><main>${content}</main><aside><h3>${no('Topics')}</h3><ul><li>${side.join('</li><li>')}</li></ul></aside><footer><p>${foot.join(' ')}</p><p>${rights}</p></footer></body></html>`;
  if (kind === 'table')
    return `${head}<body><table width="100%"><tr><td colspan="2">${menu.join(' | ')}</td></tr><tr><td width="150">${side.join('<br>')}</td><td>${content}</td></tr><tr><td colspan="2">${foot.join(' | ')}<br>${rights}</td></tr></table></body></html>`;
  return `${head}<body><div class="a1"><div class="a2"><div class="b7"><a href="/">Harbor Works</a></div><div class="b8">${menu.map((link) => `<div>${link}</div>`).join('')}</div></div><div class="a3"><div class="c1">${side.map((link) => `<div>${link}</div>`).join('')}</div><div class="c2"><div><a href="/">${no('Start')}</a> › <a href="/x">${no('Things')}</a></div>${content}</div></div><div class="a4"><div>${foot.map((link) => `<div>${link}</div>`).join('')}</div><div>${rights}</div></div></div></body></html>`;
}
