/**
 * Statements over the row of one host. Each reads the clock and the row in the expression of its update, which PostgreSQL
 * evaluates on the locked, current version of the row: updates at the same time follow one another.
 */

export const NEW_HOST = `insert into host_gates (host, next_turn_at) values ($1, 'epoch') on conflict (host) do nothing`;

/** Holders whose permits live, but for the one of $2, and how many permits those are, of its kin and in all. */
const LIVING = `
  select clock.now, coalesce(jsonb_object_agg(held.key, held.value) filter (where held.key is not null), '{}') as others,
    coalesce(sum((held.value ->> 0)::integer), 0)::integer as taken,
    coalesce(sum((held.value ->> 0)::integer) filter (where split_part(held.key, ' ', 1) = split_part($2::text, ' ', 1)), 0)::integer as kin
  from (select clock_timestamp() as now) as clock
  left join lateral jsonb_each(gate.holders) as held on held.key <> $2 and (held.value ->> 1)::timestamptz > clock.now
  group by clock.now`;

const milliseconds = (time: string): string => `(extract(epoch from ${time} - clock_timestamp()) * 1000)::double precision`;

/** The waits of a row; null or negative where there is none. */
const WAITS = `${milliseconds('paused_until')} as "pausedMs", ${milliseconds('open_until')} as "openMs"`;

/** $1 host, $2 holder, $3 wanted, $4 limit, $5 time to live in ms, $6 limit of its kin or null. A half-open breaker lets one holder in, with one permit. */
export const ENTER = `
  update host_gates as gate set holders = (
    select case when room < 1 then others else others || jsonb_build_object($2::text,
      jsonb_build_array(least($3::integer, room), now + $5::double precision * interval '1 millisecond')) end
    from (
      select now, others, case
        when gate.open_until > now or gate.paused_until > now then 0
        when gate.open_until is not null then 1 - taken
        else least(greatest(1, floor($4::integer * gate.scale))::integer - taken, $6::integer - kin) end as room
      from (${LIVING}) as living
    ) as asked
  )
  where host = $1
  returning (holders -> $2 ->> 0)::integer as granted, open_until is not null as "isProbe", ${WAITS}`;

export const LEAVE = `update host_gates set holders = holders - $2::text where host = $1`;

const EVERY_MS = 'greatest($3::double precision, interval_ms)';
const FIRST = 'greatest(next_turn_at, clock_timestamp())';
/** As many turns as begin in time, the first of them included. */
const TURNS = `case when ${EVERY_MS} = 0 then $2::integer
  else least($2::integer, 1 + floor(greatest(0, $4::double precision - ${milliseconds(FIRST)}) / ${EVERY_MS}))::integer end`;

/**
 * $1 host, $2 turns, $3 interval in ms, $4 the reach in ms. No row: the host is unknown, paused, too busy, or its breaker is not
 * closed. Nearly all turns are taken here, so it is short: planning a statement costs PGlite more than running it.
 */
export const RESERVE = `
  update host_gates set first_turn_at = ${FIRST}, granted = ${TURNS},
    next_turn_at = ${FIRST} + (${TURNS}) * ${EVERY_MS} * interval '1 millisecond'
  where host = $1 and open_until is null and coalesce(paused_until <= clock_timestamp(), true)
    and next_turn_at <= clock_timestamp() + $4::double precision * interval '1 millisecond'
  returning granted, ${EVERY_MS} as "intervalMs", ${milliseconds('first_turn_at')} as "firstInMs"`;

/** $1 host. Why it gave no turn. */
export const LOOK = `select ${milliseconds('next_turn_at')} as "turnMs", ${WAITS} from host_gates where host = $1`;

/** $1 host. No row: it is well, and an answer more changes nothing. */
export const IS_UNWELL = `
  select 1 from host_gates where host = $1 and (scale < 1 or interval_ms > 0 or failures > 0 or open_until is not null)`;

/**
 * The turn of a half-open breaker. $1 host, $2 holder, $3 interval in ms, $4 whether the holder entered, $5 the time in ms that
 * a probe may take. Who takes it without having entered becomes the probe, as a holder.
 */
export const PROBE = `
  update host_gates as gate set (granted, next_turn_at, holders) = (
    select may::integer,
      case when may then now + greatest($3::double precision, gate.interval_ms) * interval '1 millisecond' else gate.next_turn_at end,
      case when may and not $4::boolean
        then others || jsonb_build_object($2::text, jsonb_build_array(1, now + $5::double precision * interval '1 millisecond'))
        else gate.holders end
    from (
      select now, others, gate.open_until <= now and coalesce(gate.paused_until <= now, true) and gate.next_turn_at <= now
        and taken = 0 and coalesce((gate.holders -> $2 ->> 1)::timestamptz > now, false) = $4::boolean as may
      from (${LIVING}) as living
    ) as asked
  )
  where host = $1 and open_until is not null
  returning granted, greatest($3::double precision, interval_ms) as "intervalMs", 0::double precision as "firstInMs"`;

/** Back-off: the interval doubles from the first to the second of these, as the concurrency halves to the third. */
const [MIN_INTERVAL_MS, MAX_INTERVAL_MS, MIN_SCALE] = [250, 60_000, 1 / 64];
/** Recovery by answer: so many turns a second more, and so much of the limit. Additive, as in AIMD (Chiu and Jain 1989). */
const [RATE_STEP, SCALE_STEP] = [0.05, 0.02];
/**
 * What a failure leaves of the limit. Against the recovery above a host keeps all of it while fewer than one answer in seven fails, and a third of it when one
 * in three does: an overloaded host is relieved, one with a few broken pages is not held up for them.
 */
const FAILURE_SCALE = 0.875;
/** The pause of a throttle that names none, at the least interval; it grows with the interval. */
const FIRST_PAUSE_MS = 5_000;
const MAX_PAUSE_MS = 600_000;
const FAILURES_TO_OPEN = 8;
const [FIRST_OPEN_MS, MAX_OPEN_MS, MAX_COUNT] = [30_000, 600_000, 1_000];

/**
 * $1 host, $2 ok, $3 throttled, $4 failed, $5 Retry-After in ms or null. Answers of requests that were under way when the host
 * was paused or the breaker opened neither slow it down again nor speed it up. After its opening the failures are 0, and
 * whatever fails while it is open makes them more: so a statement knows whether it opened the breaker itself.
 */
export const REPORT = `
  update host_gates as gate set (scale, interval_ms, paused_until, failures, openings, open_until, holders) = (
    select
      greatest(${MIN_SCALE}, case when slows then gate.scale / 2
        when heals then least(1, gate.scale + ${SCALE_STEP} * $2::integer) else gate.scale end
        * case when is_open then 1 else ${FAILURE_SCALE} ^ least(20, $4::integer) end),
      every,
      case when $3::integer > 0 then greatest(gate.paused_until, now + interval '1 millisecond' * coalesce($5::double precision,
        case when slows then least(${MAX_PAUSE_MS}, ${FIRST_PAUSE_MS} * every / ${MIN_INTERVAL_MS}) else 0 end)) else gate.paused_until end,
      case when opens then 0 else least(${MAX_COUNT}, in_a_row) end,
      case when opens then least(${MAX_COUNT}, gate.openings + 1) when closes then 0 else gate.openings end,
      case when opens then now + interval '1 millisecond' * least(${MAX_OPEN_MS}, ${FIRST_OPEN_MS} * 2 ^ least(10, gate.openings))
        when closes then null else gate.open_until end,
      case when opens then '{}' when closes then gate.holders - '' else gate.holders end
    from (
      select now, slows, heals, in_a_row, is_open, is_half_open and answers as closes,
        case when is_half_open then not answers and $4::integer > 0 else gate.open_until is null and in_a_row >= ${FAILURES_TO_OPEN} end as opens,
        case when slows then least(${MAX_INTERVAL_MS}, greatest(${MIN_INTERVAL_MS}, gate.interval_ms * 2))
          when heals and gate.interval_ms > 0 then case when healed >= ${MIN_INTERVAL_MS} then healed else 0 end
          else gate.interval_ms end as every
      from (
        select now, is_open, is_half_open, answers,
          $3::integer > 0 and coalesce(gate.paused_until <= now, true) as slows,
          $2::integer > 0 and $3::integer = 0 and coalesce(gate.paused_until <= now, true) and not is_open as heals,
          case when answers and not is_open then $4::integer else gate.failures + $4::integer end as in_a_row,
          gate.interval_ms / (1 + gate.interval_ms / 1000 * ${RATE_STEP} * $2::integer) as healed
        from (
          select clock.now, coalesce(gate.open_until > clock.now, false) as is_open,
            coalesce(gate.open_until <= clock.now, false) as is_half_open, $2::integer + $3::integer > 0 as answers
          from (select clock_timestamp() as now) as clock
        ) as facts
      ) as judged
    ) as moved
  )
  where host = $1
  returning failures = 0 and $4::integer > 0 and coalesce(open_until > clock_timestamp(), false) as opened, ${WAITS}`;
