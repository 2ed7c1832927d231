// The published metric of the article set: 4-token shingles, counts per page scaled to sum 1, F1 of the two means.
const tokensOf = (text) => text.match(/[\p{L}\p{N}_\p{M}]+/gu) ?? [];

function shingles(text) {
  const tokens = tokensOf(text);
  const bag = new Map();
  const add = (key) => bag.set(key, (bag.get(key) ?? 0) + 1);
  if (tokens.length > 0 && tokens.length < 4) add(tokens.join(' '));
  for (let start = 0; start + 4 <= tokens.length; start++) add(tokens.slice(start, start + 4).join(' '));
  return { bag, tokens };
}

/** Precision and recall of one page (null where undefined), and whether the token lists are the same. */
export function scorePage(truth, answer) {
  const expected = shingles(truth);
  const found = shingles(answer);
  let hit = 0,
    extra = 0,
    missed = 0;
  for (const [key, count] of found.bag) {
    const wanted = expected.bag.get(key) ?? 0;
    hit += Math.min(count, wanted);
    extra += Math.max(0, count - wanted);
  }
  for (const [key, count] of expected.bag) missed += Math.max(0, count - (found.bag.get(key) ?? 0));
  return {
    precision: hit + extra > 0 ? hit / (hit + extra) : null,
    recall: hit + missed > 0 ? hit / (hit + missed) : null,
    exact: expected.tokens.join(' ') === found.tokens.join(' '),
  };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

export function summarize(scores) {
  const precision = mean(scores.map((s) => s.precision).filter((v) => v !== null));
  const recall = mean(scores.map((s) => s.recall).filter((v) => v !== null));
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return {
    f1,
    precision,
    recall,
    exact: mean(scores.map((s) => Number(s.exact))),
    empty: scores.filter((s) => s.precision === null).length,
  };
}

export function percentile(values, share) {
  const sorted = [...values].toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
