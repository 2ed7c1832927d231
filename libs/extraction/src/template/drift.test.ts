import { describe, expect, it } from 'vitest';
import { judgeHealth } from '../health/judge-health.js';
import { comparePromotions } from '../health/promotion.js';
import { type Design, NOTICE, type SampleKind, type SamplePage, samplePage, versionOf } from '../test-support/sample-site.js';
import { extractPage } from './apply.js';
import { askedProposals } from './asked-fields.js';
import { type LearnOptions, learnTemplate } from './learn.js';

const KINDS = ['story', 'manual', 'ware'] as const;

function learn(kind: SampleKind, design: Design = 0, numbers = [1, 2, 3, 4]) {
  const learned = learnTemplate(numbers.map((number) => samplePage(kind, number, design).page).map((page) => ({ page, url: page.url })));
  if (learned.kind !== 'learned') throw new Error(learned.reason);
  return learned;
}

/** What is wrong with an answer; empty when nothing is. */
function faults(kind: SampleKind, sample: SamplePage, answer: ReturnType<typeof extractPage>['page']): string[] {
  const wrong: string[] = [];
  if (answer.title !== sample.title) wrong.push(`title ${answer.title}`);
  for (const mark of sample.marks) if (!answer.markdown.includes(mark)) wrong.push(`without ${mark}`);
  for (const boilerplate of ['All rights reserved', 'Also of interest', 'Page 3'])
    if (answer.markdown.includes(boilerplate)) wrong.push(`with ${boilerplate}`);
  if (kind === 'story' && (answer.author[0] !== sample.author || answer.publishedAt !== sample.publishedAt))
    wrong.push(`${answer.author.join()} ${answer.publishedAt}`);
  if (kind === 'manual' && !answer.markdown.includes('```py\nx = 1')) wrong.push('code');
  if (kind === 'ware' && answer.fields['price'] !== sample.price) wrong.push(`price ${JSON.stringify(answer.fields['price'])}`);
  return wrong;
}

const NUMBERS = Array.from({ length: 20 }, (_, index) => index + 5);

describe.each(KINDS)('a site with %s pages', (kind) => {
  it.each([0, 1] as const)('is served by its template, design %i', (design) => {
    const version = versionOf(learn(kind, design).config);
    for (const number of NUMBERS) {
      const sample = samplePage(kind, number, design);
      const { page } = extractPage(sample.page, version);
      expect(faults(kind, sample, page), sample.page.url).toEqual([]);
      expect(page.method).toBe('template');
    }
  });

  it.each([1, 2] as const)('is never served wrong content by stale rules, design %i', (design) => {
    const version = versionOf(learn(kind).config);
    for (const number of NUMBERS) {
      const sample = samplePage(kind, number, design);
      expect(faults(kind, sample, extractPage(sample.page, version).page), sample.page.url).toEqual([]);
    }
  });

  it('breaches its health when old names stand on other boxes, and heals by learning again', () => {
    const old = learn(kind);
    const observe = (config: typeof old.config, design: Design) =>
      NUMBERS.flatMap((number) => extractPage(samplePage(kind, number, design).page, versionOf(config)).observation ?? []);
    const baseline = { scores: old.scores, fingerprint: old.config.fingerprint };
    expect(judgeHealth(observe(old.config, 0), baseline)).toEqual({ kind: 'healthy', observed: 20 });
    expect(judgeHealth(observe(old.config, 2), baseline).kind).toBe('breached');
    const fresh = learn(kind, 2);
    const after = [21, 22, 23, 24].map((number) => samplePage(kind, number, 2).page);
    expect(comparePromotions(old.config, fresh.config, after)).toMatchObject({ winner: 'new', pages: 4 });
    expect(comparePromotions(fresh.config, old.config, after).winner).toBe('old');
    expect(judgeHealth(observe(fresh.config, 2), { scores: fresh.scores, fingerprint: fresh.config.fingerprint }).kind).toBe('healthy');
  });
});

describe('learning', () => {
  it('takes a line that every sample has for none of the content', () => {
    const { config } = learn('story');
    expect(config.repeated ?? config.exclude).not.toEqual([]);
    expect(extractPage(samplePage('story', 9).page, versionOf(config)).page.markdown).not.toContain(NOTICE);
    expect(extractPage(samplePage('story', 9, 1).page, versionOf(config)).page.markdown).not.toContain(NOTICE);
  });

  it('does not take one page under several addresses for furniture', () => {
    const { page } = samplePage('story', 3);
    const learned = learnTemplate([page, page, page].map((same) => ({ page: same, url: same.url })));
    if (learned.kind !== 'learned') throw new Error(learned.reason);
    expect(extractPage(page, versionOf(learned.config)).page.markdown).toContain('markstory3x0');
  });

  it('sets samples of another structure aside', () => {
    const samples = [...[1, 2, 3].map((number) => samplePage('ware', number)), samplePage('story', 1)];
    const learned = learnTemplate(samples.map(({ page }) => ({ page, url: page.url })));
    expect(learned).toMatchObject({ kind: 'learned', setAside: ['https://quay.example/story/n1'] });
  });

  it('learns a field that the caller names by an example or by its label alone', () => {
    const samples = [1, 2, 3, 4].map((number) => samplePage('ware', number));
    for (const wish of [{ example: '202 mm' }, { description: 'Height' }]) {
      const learned = learnTemplate(
        samples.map(({ page }) => ({ page, url: page.url })),
        { wishes: { height: wish } },
      );
      if (learned.kind !== 'learned') throw new Error(learned.reason);
      expect(learned.config.fields['height']?.some(({ evidence, label }) => evidence === 'label' && label === 'height')).toBe(true);
      const { page } = extractPage(samplePage('ware', 30, 1).page, versionOf(learned.config), { withAsked: true });
      expect(page.fields['height']).toBe('230 mm');
      expect(page.evidence['height']).toMatchObject({ method: 'template', version: 3, verbatim: true });
    }
  });

  it('keeps what jobs asked for to jobs that ask, and out of the health of the template', () => {
    const samples = [1, 2, 3, 4].map((number) => samplePage('ware', number).page).map((page) => ({ page, url: page.url }));
    const plain = learnTemplate(samples);
    const asked = learnTemplate(samples, { wishes: { height: {}, title: {}, nowhere: {} } });
    if (plain.kind !== 'learned' || asked.kind !== 'learned') throw new Error('not learned');
    expect(asked.config.asked).toEqual({ height: 'string' });
    expect(asked.config.fingerprint).toEqual(plain.config.fingerprint);
    const { page } = samplePage('ware', 30);
    const unasked = extractPage(page, versionOf(asked.config));
    expect(unasked).toEqual(extractPage(page, versionOf(plain.config)));
    const { asked: _asked, ...unmarked } = asked.config;
    expect(extractPage(page, versionOf(unmarked)).page.fields).toHaveProperty('height');
  });

  it('keeps what jobs of before asked for when it learns again', () => {
    const learnt = (design: Design, options?: LearnOptions) =>
      learnTemplate(
        [1, 2, 3, 4].map((number) => samplePage('ware', number, design).page).map((page) => ({ page, url: page.url })),
        options,
      );
    const before = learnt(0, { wishes: { measure: { description: 'Height' } } });
    if (before.kind !== 'learned') throw new Error(before.reason);
    expect(before.config.fields).toHaveProperty('measure');
    // Its name alone would find nothing on the pages: the rules of before are what is left of the description.
    expect(learnt(1, { wishes: { measure: {} } })).not.toHaveProperty('config.fields.measure');
    const again = learnt(1, askedProposals(before.config));
    expect(again).toHaveProperty('config.fields.measure');
    expect(again).toHaveProperty('config.asked', { measure: 'string' });
  });

  it('judges proposals like its own candidates', () => {
    const samples = [1, 2, 3, 4].map((number) => samplePage('story', number).page).map((page) => ({ page, url: page.url }));
    const learned = learnTemplate(samples, {
      proposals: [
        { field: 'content', rule: { selector: 'nav', evidence: 'structure' } },
        { field: 'author', rule: { selector: 'p.credit > span', evidence: 'name' } },
        { field: 'title', rule: { selector: 'footer', evidence: 'structure' } },
      ],
    });
    if (learned.kind !== 'learned') throw new Error(learned.reason);
    expect(JSON.stringify(learned.config)).not.toMatch(/"nav"|"footer"/);
    expect(learned.scores.min).toBeGreaterThan(0.9);
  });
});
