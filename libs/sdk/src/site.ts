export interface SiteSummary {
  readonly host: string;
  /** How many page templates are known. */
  readonly templates: number;
  readonly needsBrowser: boolean;
  readonly updatedAt: string;
}

export interface TemplateSummary {
  readonly site: string;
  readonly templateId: string;
  /** Shape of the URL paths it serves: `/news/*`. */
  readonly shape: string;
  /** Version that serves, or null when learning gave nothing reliable. */
  readonly activeVersion: number | null;
  readonly versions: number;
  readonly unlearnableReason: string | null;
  readonly updatedAt: string;
}

export interface Site {
  readonly host: string;
  readonly needsBrowser: boolean;
  readonly updatedAt: string;
  readonly templates: readonly TemplateSummary[];
}
