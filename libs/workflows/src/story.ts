import { setCurrentDetails } from '@temporalio/workflow';

/** The story of a workflow as the Temporal Web UI shows it: one line a stage, in Markdown, kept short. */
export class Story {
  private readonly lines: string[] = [];

  tell(line: string): void {
    this.lines.push(`- ${line.slice(0, 300)}`);
    setCurrentDetails(this.lines.slice(-30).join('\n'));
  }
}
