import { ENV } from '@isthmus/media-node/env';
import { Aws } from 'aws-cdk-lib';
import { CONTROL_PORT, ICE_TCP_PORT, MEDIA_PORT, RTP_PORTS, STUN_PORT } from '../ports.ts';

/** What a node must know about its surroundings. */
export interface NodeSurroundings {
  readonly tableName: string;
  readonly gatewayEndpoint: string;
  readonly sealKeyArn: string;
  /** Media is never sent into our own network (SEC-3). */
  readonly vpcCidr: string;
}

/** Calls that one task of two processors carries with the portable media plane. */
const CALLS_PER_NODE = 100;

export const nodeEnvironment = (around: NodeSurroundings): Record<string, string> => ({
  [ENV.TABLE_NAME]: around.tableName,
  [ENV.GATEWAY_ENDPOINT]: around.gatewayEndpoint,
  [ENV.AWS_REGION]: Aws.REGION,
  [ENV.SEAL_KMS_KEY_ID]: around.sealKeyArn,
  [ENV.OWN_NETWORKS]: around.vpcCidr,
  [ENV.CONTROL_PORT]: String(CONTROL_PORT),
  [ENV.MEDIA_PORT]: String(MEDIA_PORT),
  [ENV.STUN_PORT]: String(STUN_PORT),
  [ENV.ICE_TCP_PORT]: String(ICE_TCP_PORT),
  [ENV.RTP_PORTS]: `${String(RTP_PORTS.from)}-${String(RTP_PORTS.to)}`,
  [ENV.CALL_CAPACITY]: String(CALLS_PER_NODE),
});
