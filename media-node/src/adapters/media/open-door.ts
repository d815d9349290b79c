import { IceTcpDoor, type IceTcpDoorDeps } from '../ice-tcp/ice-tcp-door.ts';
import type { MediaPlaneOptions } from './media-plane-options.ts';

/** The way in by TCP of a plane, where it is to have one. */
export async function openDoor(
  deps: IceTcpDoorDeps,
  { browser, maxPacketsPerS }: MediaPlaneOptions,
): Promise<IceTcpDoor | undefined> {
  const { bindAddress, announcedAddress, iceTcp } = browser;
  if (iceTcp === undefined) return undefined;
  return IceTcpDoor.open(deps, { bindAddress, announcedAddress, maxPacketsPerS }, iceTcp);
}
