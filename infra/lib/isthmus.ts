import { Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { MediaStack } from './stacks/media-stack.ts';
import { NetworkStack } from './stacks/network-stack.ts';
import { SignallingStack } from './stacks/signalling-stack.ts';
import type { Stage } from './stage.ts';

export interface Isthmus {
  readonly network: NetworkStack;
  readonly signalling: SignallingStack;
  readonly media: MediaStack;
}

/** All stacks of one stage, in the order in which they lean on each other. */
export function isthmus(scope: Construct, stage: Stage): Isthmus {
  const idOf = (part: string) => `Isthmus-${stage.name}-${part}`;
  const terminationProtection = stage.isProtected;
  const network = new NetworkStack(scope, idOf('network'), { terminationProtection });
  const signalling = new SignallingStack(scope, idOf('signalling'), {
    stage,
    terminationProtection,
    inside: { vpc: network.vpc, securityGroup: network.functionGroup },
  });
  const media = new MediaStack(scope, idOf('media'), {
    stage,
    terminationProtection,
    network,
    signalling,
  });
  for (const stack of [network, signalling, media]) Tags.of(stack).add('app', 'isthmus');
  return { network, signalling, media };
}
