const MAX_LENGTH = 2_048;
export function trapProblem(url: URL): string | null {
  return url.href.length > MAX_LENGTH ? 'longer than 2048 characters' : null;
}
export function shapeOf(url: URL): string {
  const path = url.pathname
    .split('/')
    .map((part) => (/\d/.test(part) ? '*' : part))
    .join('/');
  const names = [...new Set(url.searchParams.keys())].toSorted();
  return `${path}${names.length === 0 ? '' : `?${names.join('&')}`}`.slice(0, 300);
}
