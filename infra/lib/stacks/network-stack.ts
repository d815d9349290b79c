import { Stack, type StackProps } from 'aws-cdk-lib';
import {
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { CONTROL_PORT, ICE_TCP_PORT, PUBLIC_UDP } from '../ports.ts';
import { accept } from '../reasons.ts';

const CIDR = '10.37.0.0/16';

/** Two kinds of subnets and no way between them but the control port; no NAT anywhere. */
export class NetworkStack extends Stack {
  readonly vpc: Vpc;
  readonly cidr = CIDR;
  readonly functionGroup: SecurityGroup;
  readonly nodeGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    this.vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(CIDR),
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [
        { name: 'media', subnetType: SubnetType.PUBLIC, cidrMask: 22, mapPublicIpOnLaunch: false },
        { name: 'functions', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 22 },
      ],
      gatewayEndpoints: { dynamodb: { service: GatewayVpcEndpointAwsService.DYNAMODB } },
      flowLogs: { refused: { trafficType: FlowLogTrafficType.REJECT } },
    });
    this.functionGroup = this.#group('Functions', 'Isthmus functions that speak to nodes', false);
    this.nodeGroup = this.#group('Nodes', 'Isthmus media nodes', true);
    this.#open();
  }

  #group(id: string, description: string, allowAllOutbound: boolean): SecurityGroup {
    return new SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound });
  }

  #open(): void {
    const control = Port.tcp(CONTROL_PORT);
    this.nodeGroup.addIngressRule(
      Peer.anyIpv4(),
      Port.udpRange(PUBLIC_UDP.from, PUBLIC_UDP.to),
      'ICE, DTLS and SRTP of browsers, RTP of IMS',
    );
    this.nodeGroup.addIngressRule(
      Peer.anyIpv4(),
      Port.tcp(ICE_TCP_PORT),
      'ICE, DTLS and SRTP of browsers whose UDP is blocked',
    );
    this.nodeGroup.addIngressRule(this.functionGroup, control, 'commands of the functions');
    this.functionGroup.addEgressRule(this.nodeGroup, control, 'commands to nodes');
    // The only route out of these subnets is the gateway endpoint, so this reaches DynamoDB alone.
    this.functionGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'DynamoDB gateway endpoint');
    accept(
      this.nodeGroup,
      'EC23',
      'browsers come from anywhere: on these ports, of UDP and one of TCP, only verified ICE, DTLS and SRTP, and RTP of signalled peers, are taken',
    );
  }
}
