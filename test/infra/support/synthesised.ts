import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { isthmus } from '../../../infra/lib/isthmus.ts';
import { stageNamed } from '../../../infra/lib/stage.ts';

/** The flags that the real app runs under; bundling is left out, as no template depends on it. */
export const anApp = (): App => {
  const { context } = JSON.parse(
    readFileSync(new URL('../../../cdk.json', import.meta.url), 'utf8'),
  ) as { context: Record<string, unknown> };
  return new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] } });
};

export interface Templates {
  readonly network: Template;
  readonly signalling: Template;
  readonly media: Template;
}

export function synthesised(stage: 'dev' | 'prod'): Templates {
  const { media, network, signalling } = isthmus(anApp(), stageNamed(stage));
  return {
    network: Template.fromStack(network),
    signalling: Template.fromStack(signalling),
    media: Template.fromStack(media),
  };
}

export interface Resource {
  readonly Properties: Readonly<Record<string, unknown>>;
}

export const resourcesOf = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.findResources(type) as Record<string, Resource>);

export interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, unknown>>;
}

/** Every statement that allows a role something, with the logical id of its policy. */
export const statementsOf = (template: Template): { policy: string; statement: Statement }[] =>
  resourcesOf(template, 'AWS::IAM::Policy').flatMap(([policy, { Properties }]) =>
    (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement.map((statement) => ({
      policy,
      statement,
    })),
  );

export const actionsOf = ({ Action }: Statement): readonly string[] =>
  typeof Action === 'string' ? [Action] : Action;
