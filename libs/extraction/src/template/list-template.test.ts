import { describe, expect, it } from 'vitest';
import { parsePage } from '../parse/parsed-page.js';
import { sentence, titleOf } from '../test-support/page-frames.js';
import { extractByTemplate } from './apply.js';
import { templateKeyOf } from './key.js';
import { learnTemplate } from './learn.js';

type Kind = 'cards' | 'thread';

const card = (number: number): string =>
  `<div class="card"><img src="/i/${number}.jpg" alt=""><h3><a href="/b/${number}">${titleOf(number)} mark-${number}-</a></h3><p>${sentence(number)}</p><a href="/b/${number}">Read more</a></div>`;
const post = (number: number): string =>
  `<div class="post"><div><b>sailor${number}</b><i>Member</i></div><div>${(number % 28) + 1} March 2026</div><p>${sentence(number)} mark-${number}-</p><a href="/r/${number}">Reply</a></div>`;

function page(kind: Kind, number: number) {
  const items = Array.from({ length: 5 + (number % 3) }, (_, item) => (kind === 'cards' ? card : post)(number * 10 + item)).join('');
  return parsePage(
    `<html lang="en"><head><title>Page ${number} | Harbor Works</title></head><body><div class="top"><a href="/">Harbor</a><a href="/a">Boats</a><a href="/c">Ropes</a></div>
     <div class="middle"><h1>Page ${number}</h1><div class="items">${items}</div></div><div class="foot"><a href="/i">Imprint</a><a href="/p">Privacy</a><a href="/t">Terms</a></div></body></html>`,
    `https://harbor.example/${kind}/page-${number}`,
  );
}

describe('templates of pages that are no articles', () => {
  it.each([
    ['cards', 'listing'],
    ['thread', 'forum'],
  ] as const)('are learned from %s and keep every record', (kind, type) => {
    const samples = [1, 2, 3].map((number) => page(kind, number));
    const learned = learnTemplate(samples.map((sample) => ({ page: sample, url: sample.url })));
    if (learned.kind !== 'learned') throw new Error(learned.reason);
    expect(learned.config.type).toBe(type);
    const unseen = page(kind, 5);
    const answer = extractByTemplate(unseen, {
      ...templateKeyOf(unseen.url),
      version: 1,
      state: 'active',
      config: learned.config,
      scores: learned.scores,
      author: 'heuristic',
      model: null,
      costUsd: 0,
      pinned: false,
      sampleUrls: [],
      createdAt: '2026-01-01T00:00:00Z',
    });
    if ('miss' in answer) throw new Error(answer.miss);
    expect(answer.page.text.match(/mark-\d+-/g)).toHaveLength(7);
    expect(answer.page.fields['posts']).toBe(kind === 'thread' ? 7 : undefined);
    expect(answer.page.publishedAt === null).toBe(kind === 'cards');
    expect(answer.page.text).not.toMatch(/Read more|Reply|Imprint|Boats/);
  });
});
