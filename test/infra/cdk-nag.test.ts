import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { isthmus } from '../../infra/lib/isthmus.ts';
import { stageNamed } from '../../infra/lib/stage.ts';
import { anApp } from './support/synthesised.ts';

interface Finding {
  readonly ruleName: string;
  readonly reason?: string;
}

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly Finding[];
    readonly suppressedViolations?: readonly Finding[];
  }[];
}

describe.each(['dev', 'prod'])('OPS-1: stage %s under the AwsSolutions rules', (stage) => {
  let report: Report;
  beforeAll(() => {
    const app = anApp();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    isthmus(app, stageNamed(stage));
    const { directory } = app.synth();
    report = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8')) as Report;
  });

  it('has been checked by them', () => {
    expect(report.pluginReports.map(({ pluginName }) => pluginName)).toContain('AwsSolutions');
  });

  it('breaks none', () => {
    expect(report.pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
  });

  it('gives a reason for every exception', () => {
    const accepted = report.pluginReports.flatMap((one) => one.suppressedViolations ?? []);

    expect(accepted.length).toBeGreaterThan(0);
    for (const { reason } of accepted) expect(reason?.length ?? 0).toBeGreaterThan(30);
  });
});
