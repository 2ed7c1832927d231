/** Everything readable in a history event: payloads are bytes, which JSON shows as base64, so they are decoded first. */
export function readableText(value: unknown): string {
  const found: string[] = [];
  walk(value, found);
  return found.join('\n');
}

function walk(value: unknown, found: string[]): void {
  if (typeof value === 'string') found.push(value);
  else if (value instanceof Uint8Array) found.push(Buffer.from(value).toString('utf8'));
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) walk(part, found);
}
