import type { PagePlace, ShapeTemplate, TemplateVersion } from '@gleaner/domain';
import type { placePage } from '@gleaner/extraction';

type Placed = ReturnType<typeof placePage<ShapeTemplate>>;

/** The place as it leaves the thread. */
export function placeOf(placed: Placed): PagePlace {
  return placed.template === null ? { structure: placed.structure } : { templateId: placed.template.templateId };
}

/** The version that serves the page; null: the general extractor does. */
export function versionOf({ template }: Placed): TemplateVersion | null {
  return template?.state.kind === 'active' ? template.state.version : null;
}
