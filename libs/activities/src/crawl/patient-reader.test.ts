import { Fault, type FieldReader, type ModelAttempt, ModelFault, spendingOf } from '@gleaner/domain';
import { describe, expect, it } from 'vitest';
import { patientReader } from './patient-reader.js';

const question = { jobId: 'job_1', key: 'k', fields: [], pageText: '' };
const receipt = {
  answers: {},
  provider: 'p',
  model: 'm',
  usage: { inputTokens: 0, outputTokens: 0, estimated: false },
  costUsd: 0,
  priced: true,
  attempts: [],
};
const limited = (retryAfterMs?: number): Fault =>
  new Fault('MODEL_FAILED', { detail: 'later', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

/** One call that led to no answer, after one that was answered in a form that is not valid; kept: at an earlier try. */
const spent = (isKept = false) => {
  const usage = { inputTokens: 10, outputTokens: 1, estimated: false };
  const call = { provider: 'p', model: 'm', called: true, durationMs: 1 } as const;
  const invalid: ModelAttempt = { ...call, outcome: 'invalid-answer', ...(isKept ? { kept: { usage, costUsd: 0.1 } } : {}) };
  return { usage, costUsd: 0.1, attempts: [invalid, { ...call, outcome: 'rate-limited' } as const] };
};
const costly = (retryAfterMs: number, isKept = false): Fault =>
  new ModelFault('MODEL_FAILED', { detail: 'later', retryAfterMs }, spent(isKept));

/** Throws the faults in their order, then answers; waits by a clock of its own. */
function bench(...faults: readonly Error[]) {
  const waits: number[] = [];
  let [now, calls] = [0, 0];
  const reader: FieldReader = {
    async read() {
      const fault = faults[calls++];
      if (fault !== undefined) throw fault;
      return receipt;
    },
  };
  const wait = async (milliseconds: number): Promise<void> => {
    waits.push(milliseconds);
    now += milliseconds;
  };
  return { patient: patientReader(reader, { patienceMs: 60_000, now: () => now, wait }), waits, calls: () => calls };
}

describe('patientReader', () => {
  it('asks again when the provider says it can be asked', async () => {
    const { patient, waits } = bench(limited(20_000), limited(30_000));
    expect(await patient.read(question, new AbortController().signal)).toBe(receipt);
    expect(waits).toEqual([20_000, 30_000]);
  });

  it('waits no longer than its patience, all pages together', async () => {
    const { patient, waits, calls } = bench(limited(40_000), limited(30_000), limited(20_000));
    await expect(patient.read(question, new AbortController().signal)).rejects.toMatchObject({ retryAfterMs: 30_000 });
    expect([waits, calls()]).toEqual([[40_000], 2]);
    await patient.read(question, new AbortController().signal);
    expect(waits).toEqual([40_000, 20_000]);
  });

  it.each([limited(), new Fault('MODEL_REJECTED', { detail: 'no', retryAfterMs: 5 }), new Error('a defect')])(
    'throws at once what waiting does not mend: %s',
    async (error) => {
      const { patient, waits } = bench(error);
      await expect(patient.read(question, new AbortController().signal)).rejects.toBe(error);
      expect(waits).toEqual([]);
    },
  );

  it('tells what all tries took, and an answer that was kept once', async () => {
    const { patient } = bench(costly(2_000), costly(5_000, true), costly(8_000));
    const answer = await patient.read(question, new AbortController().signal);
    // Calls: two, one that is new, two.
    expect(spendingOf(answer)).toEqual({ modelCalls: 5, tokens: 22, costUsd: 0.2 });
  });

  it('tells what all tries took in the fault that ends them', async () => {
    const { patient } = bench(costly(2_000), costly(4_000, true), costly(70_000));
    const fault = await patient.read(question, new AbortController().signal).catch((error: unknown) => error as Fault);
    expect(fault).toMatchObject({ code: 'MODEL_FAILED', message: 'later', retryAfterMs: 70_000 });
    expect(spendingOf(fault as Fault)).toEqual({ modelCalls: 5, tokens: 22, costUsd: 0.2 });
  });

  it('waits ever longer for a provider that can be asked at once each time', async () => {
    const { patient, waits } = bench(limited(0), limited(0), limited(0), limited(20_000), limited(1));
    await patient.read(question, new AbortController().signal);
    expect(waits).toEqual([1_000, 2_000, 4_000, 20_000, 16_000]);
  });

  it('ends with the signal', async () => {
    const { patient, waits } = bench(limited(5));
    await expect(patient.read(question, AbortSignal.abort(new Error('cancelled')))).rejects.toThrow('cancelled');
    expect(waits).toEqual([]);
  });
});
