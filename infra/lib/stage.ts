import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

export type StageName = 'dev' | 'prod';

/** What differs between a place to try things and a place with customers; nothing else may. */
export interface Stage {
  readonly name: StageName;
  readonly isProtected: boolean;
  readonly removalPolicy: RemovalPolicy;
  readonly logRetention: RetentionDays;
  readonly nodes: { readonly min: number; readonly max: number };
}

const STAGES: Readonly<Record<StageName, Stage>> = {
  dev: {
    name: 'dev',
    isProtected: false,
    removalPolicy: RemovalPolicy.DESTROY,
    logRetention: RetentionDays.ONE_WEEK,
    nodes: { min: 1, max: 4 },
  },
  prod: {
    name: 'prod',
    isProtected: true,
    removalPolicy: RemovalPolicy.RETAIN,
    logRetention: RetentionDays.THREE_MONTHS,
    nodes: { min: 2, max: 50 },
  },
};

export function stageNamed(name: unknown): Stage {
  if (name === undefined) return STAGES.dev;
  if (name === 'dev' || name === 'prod') return STAGES[name];
  throw new TypeError(`stage is dev or prod, not ${JSON.stringify(name)}`);
}
