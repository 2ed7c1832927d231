import { share32 } from './random.js';
import { type Template, TEMPLATES } from './site-options.js';

type Round =
  | { readonly kind: 'change'; readonly share: number; readonly count: number }
  | { readonly kind: 'remove'; readonly share: number; readonly count: number }
  | { readonly kind: 'add'; readonly from: number; readonly count: number }
  | { readonly kind: 'redesign'; readonly templates: readonly string[]; readonly rebuilt: boolean };

/** When the site opened; no clock is asked, so that two runs are the same. */
const OPENED_MS = Date.UTC(2025, 0, 1);
const ROUND_MS = 3_600_000;
const MAX_ROUNDS = 1_000;
const SALT = 0x7a11;

/**
 * What happened to the pages between visits. Every round is a share of the pages, by hash, so nothing is kept per page.
 * Rounds are an hour apart, from 2025-01-01.
 */
export class SiteHistory {
  private readonly rounds: Round[] = [];

  constructor(
    private readonly seed: number,
    private pages: number,
  ) {}

  /** Pages that are or were there. */
  get count(): number {
    return this.pages;
  }

  /** @returns the pages that it hit. */
  change(share: number): number[] {
    return this.play({ kind: 'change', share, count: this.pages });
  }

  /** @returns the pages that it hit. */
  remove(share: number): number[] {
    return this.play({ kind: 'remove', share, count: this.pages });
  }

  /** @returns the new pages. */
  add(count: number): number[] {
    const from = this.pages;
    this.pages += count;
    return this.play({ kind: 'add', from, count: this.pages });
  }

  /** Gives the templates new names for everything; `listing` is the template of the index pages. `rebuilt`: of other elements, too. */
  redesign(templates: readonly string[], rebuilt = false): void {
    this.play({ kind: 'redesign', templates, rebuilt });
  }

  /** How often the text of a page was changed. */
  editionOf(page: number): number {
    let edition = 0;
    for (let round = 0; round < this.rounds.length; round += 1) if (this.hits(round, page, 'change')) edition += 1;
    return edition;
  }

  isRemoved(page: number): boolean {
    for (let round = 0; round < this.rounds.length; round += 1) if (this.hits(round, page, 'remove')) return true;
    return false;
  }

  /** 0 for the first look, one more for each new one. */
  designOf(template: string): number {
    return this.rounds.filter((round) => round.kind === 'redesign' && round.templates.includes(template)).length;
  }

  /** The last look of a template is built of other elements than the first one. */
  isRebuilt(template: string): boolean {
    const last = this.rounds.findLast((round) => round.kind === 'redesign' && round.templates.includes(template));
    return last?.kind === 'redesign' && last.rebuilt;
  }

  /** Milliseconds since 1970 of the last round that a content page took part in. */
  modifiedMs(page: number): number {
    for (let round = this.rounds.length - 1; round >= 0; round -= 1)
      if (this.hits(round, page, 'change') || this.hits(round, page, 'add') || this.hits(round, page, 'redesign'))
        return OPENED_MS + (round + 1) * ROUND_MS;
    return OPENED_MS;
  }

  /** Milliseconds since 1970 of the last round. */
  latestMs(): number {
    return OPENED_MS + this.rounds.length * ROUND_MS;
  }

  private play(round: Round): number[] {
    if (this.rounds.length >= MAX_ROUNDS) throw new RangeError(`a site changes at most ${MAX_ROUNDS} times`);
    const alive =
      round.kind === 'redesign' ? [] : Array.from({ length: round.count }, (_, page) => page).filter((page) => !this.isRemoved(page));
    this.rounds.push(round);
    return alive.filter((page) => this.hits(this.rounds.length - 1, page, round.kind));
  }

  private hits(at: number, page: number, kind: Round['kind']): boolean {
    const round = this.rounds[at];
    if (round === undefined || round.kind !== kind) return false;
    if (round.kind === 'redesign') return round.templates.includes(templateOf(page));
    if (round.kind === 'add') return page >= round.from && page < round.count;
    return page < round.count && share32(this.seed, SALT, at, page) < round.share;
  }
}

/** Content pages take turns. */
export function templateOf(page: number): Template {
  return TEMPLATES[page % TEMPLATES.length] ?? 'article';
}
