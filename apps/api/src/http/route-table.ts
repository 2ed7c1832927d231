import type { FastifyInstance } from 'fastify';

interface Route {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Which methods each path takes: the framework answers 404 for a wrong method, and only this table knows better. */
export class RouteTable {
  private readonly routes = new Map<string, Route>();

  /** Must be called before the first route is registered. */
  watch(instance: FastifyInstance): void {
    instance.addHook('onRoute', ({ method, url }) => {
      // The preflight of other origins answers everywhere; that makes no path a known one.
      if (url === '*') return;
      const route = this.routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
      for (const name of [method].flat()) route.methods.add(name);
      this.routes.set(url, route);
    });
  }

  /** Every route as `METHOD /path/:parameter`. */
  all(): readonly string[] {
    return [...this.routes].flatMap(([url, { methods }]) => Array.from(methods, (method) => `${method} ${url}`));
  }

  /** Methods that the path takes, sorted; empty when there is no such path. */
  allowed(path: string): readonly string[] {
    const methods = [...this.routes.values()].filter(({ pattern }) => pattern.test(path)).flatMap(({ methods: own }) => Array.from(own));
    return [...new Set(methods)].toSorted();
  }
}

function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)))
    .join('/');
  return new RegExp(`^${source}$`);
}
