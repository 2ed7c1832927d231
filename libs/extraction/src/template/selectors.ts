import type { SelectorRule } from '@gleaner/domain';
import type { Element } from 'domhandler';
import { parentOf } from '../parse/elements.js';

const LANDMARKS = new Set(['main', 'article', 'body']);
const MAX_PATH = 6;

/** A name people gave: letters with few digits. Names made by build tools change with every build. */
export function isStableName(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z_-]*[A-Za-z]\d?$/.test(name) || name.length > 40) return false;
  if (/^(?:css|sc|jsx|svelte|ng|v|tw|emotion)-/i.test(name)) return false;
  const tail = /(?:__|--|-|_)([A-Za-z]{5,8})$/.exec(name)?.[1];
  if (tail !== undefined && /[a-z][A-Z]/.test(tail) && !/^[a-z]+[A-Z][a-z]+$/.test(tail)) return false;
  return /[aeiouy]/i.test(name) || name.length <= 4;
}

function namesIn(element: Element): string[] {
  const { id, class: className } = element.attribs;
  const classes = (className ?? '')
    .split(/\s+/)
    .filter(isStableName)
    .slice(0, 6)
    .map((name) => `.${name}`);
  return id !== undefined && isStableName(id) ? [`#${id}`, ...classes] : classes;
}

function byName(element: Element): string[] {
  const names = namesIn(element);
  return [
    ...names.map((name) => `${element.name}${name}`),
    ...names.slice(0, 3).flatMap((name, position) =>
      name.startsWith('#')
        ? []
        : names
            .slice(position + 1, 3)
            .filter((other) => other.startsWith('.'))
            .map((other) => `${element.name}${name}${other}`),
    ),
  ];
}

function byData(element: Element): string[] {
  const { attribs } = element;
  const data: string[] = [];
  for (const attribute of ['itemprop', 'property', 'role', 'rel', 'itemtype'] as const) {
    const value = attribs[attribute];
    if (value !== undefined && /^[\w:/.\- ]{1,60}$/.test(value)) data.push(`${element.name}[${attribute}="${value}"]`);
  }
  if (attribs['datetime'] !== undefined) data.push(`${element.name}[datetime]`);
  return data;
}

/** Tags only, from the nearest landmark down, without positions: it stands any change of names. */
function byStructure(element: Element): string[] {
  if (element.name === 'main' || element.name === 'article' || element.name === 'h1') {
    const landmark = parentLandmark(element);
    return landmark === null ? [element.name] : [element.name, `${landmark.name} ${element.name}`];
  }
  const path: string[] = [element.name];
  for (let parent = parentOf(element); parent !== null && path.length < MAX_PATH; parent = parentOf(parent)) {
    path.unshift(parent.name);
    if (LANDMARKS.has(parent.name)) return [path.join(' > '), ...(parent.name === 'body' ? [] : [`${parent.name} ${element.name}`])];
  }
  return [];
}

function parentLandmark(element: Element): Element | null {
  for (let parent = parentOf(element); parent !== null; parent = parentOf(parent))
    if (parent.name === 'main' || parent.name === 'article') return parent;
  return null;
}

/** Ways to say which element this is, each resting on one kind of evidence; short ones first. */
export function describeElement(element: Element): SelectorRule[] {
  const rules: SelectorRule[] = [];
  const add = (selectors: readonly string[], evidence: SelectorRule['evidence']): void => {
    for (const selector of selectors) rules.push({ selector, evidence });
  };
  add(byData(element), 'structured-data');
  add(byStructure(element), 'structure');
  add(byName(element), 'name');
  const parent = parentOf(element);
  if (parent !== null) {
    const own = byName(element)[0] ?? element.name;
    add(
      namesIn(parent)
        .slice(0, 2)
        .map((name) => `${parent.name}${name} > ${own}`),
      'name',
    );
  }
  return rules;
}
