import { Context } from '@temporalio/activity';

/** By the context of the attempt. */
const saved = new WeakMap<Context, unknown>();

/** A heartbeat that keeps what the activity has saved, at this attempt or an earlier one. */
export function beat(context: Context): void {
  context.heartbeat(saved.has(context) ? saved.get(context) : context.info.heartbeatDetails);
}

/** Small: it travels with every heartbeat. The next attempt finds it, unless this one dies before a heartbeat carries it. */
export function saveProgress(progress: object): void {
  const context = Context.current();
  saved.set(context, progress);
  beat(context);
}

/** What an earlier attempt saved; null for nothing. */
export function savedProgress(): unknown {
  return Context.current().info.heartbeatDetails ?? null;
}
