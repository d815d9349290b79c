import type { ImsLab } from './ims-lab.ts';
import { TcpFlow } from './tcp-flow.ts';
import { UdpFlow } from './udp-flow.ts';
import type { UeFlow } from './ue-flow.ts';

/** For a UE that is about to register. */
export const openUeFlow = (lab: ImsLab, transport: UeFlow['transport']): Promise<UeFlow> =>
  transport === 'udp' ? UdpFlow.open(lab.pcscf) : TcpFlow.open(lab.pcscf);
