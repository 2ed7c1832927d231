import { Random, textHash } from './random.js';

const SYLLABLES = ['ba', 'do', 'fi', 'ga', 'hu', 'ke', 'li', 'mo', 'nu', 'pe', 'ri', 'so', 'ta', 'vu', 'wi', 'zo'] as const;
const FILLER_BYTES = 256_000;
const MAX_SKINS = 64;

/** The names of classes and ids in one look of one template, and the style sheet that goes with them. */
export class Skin {
  private readonly names = new Map<string, string>();
  private filler: string | undefined;

  constructor(
    private readonly template: string,
    readonly design: number,
  ) {}

  /** The first look has the telling names that it is given, later ones names without sense. */
  name(plain: string): string {
    if (this.design === 0) return plain;
    let name = this.names.get(plain);
    if (name === undefined) {
      const random = new Random(textHash(this.design, `${this.template}/${plain}`));
      name = `${Array.from({ length: 4 }, () => random.pick(SYLLABLES)).join('')}-${random.below(1_000)}`;
      this.names.set(plain, name);
    }
    return name;
  }

  /** Style rules of at most so many bytes, as weight: a real page carries as many. */
  style(bytes: number): string {
    this.filler ??= rules(new Random(textHash(this.design, this.template)), this.name('page'));
    return this.filler.slice(0, this.filler.lastIndexOf('\n', Math.max(0, bytes)) + 1);
  }
}

function rules(random: Random, scope: string): string {
  let text = '';
  while (text.length < FILLER_BYTES) {
    const name = random.pick(SYLLABLES) + random.pick(SYLLABLES) + random.below(1_000);
    const gap = random.below(40);
    text += `.${scope} .${name}{margin:${gap}px ${random.below(40)}px;padding:${gap}px;color:#${(4096 + random.below(60_000)).toString(16)}}\n`;
  }
  return text;
}

const skins = new Map<string, Skin>();

/** Made once for each look. */
export function skinOf(template: string, design: number): Skin {
  const key = `${template}/${design}`;
  let skin = skins.get(key);
  if (skin === undefined) {
    if (skins.size >= MAX_SKINS) skins.clear();
    skin = new Skin(template, design);
    skins.set(key, skin);
  }
  return skin;
}
