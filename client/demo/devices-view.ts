import type { Device, DeviceKind, ImsPhone } from '../src/ims-phone.ts';
import { addField, element, show, write } from './elements.ts';

export interface DevicesView {
  show(isRegistered: boolean): void;
}

const KINDS: Readonly<Record<DeviceKind, string>> = {
  microphone: 'Microphone',
  camera: 'Camera',
  speaker: 'Speaker',
};
const nameOf = (kind: DeviceKind): string => `device-${kind}`;

/** What the user speaks into, is seen by and hears with: his own choice, kept in this browser. */
export function createDevicesView(phone: ImsPhone): DevicesView {
  const button = element('devices-button', HTMLButtonElement);
  const section = element('devices', HTMLElement);
  const state = element('devices-state', HTMLElement);
  const kinds = Object.keys(KINDS) as DeviceKind[];
  const boxes = kinds.map((kind) => ({ kind, box: addBox(state, kind) }));

  const fill = (devices: readonly Device[]): void => {
    for (const { box, kind } of boxes) {
      const those = devices.filter((it) => it.kind === kind);
      const options = those.map(
        ({ id, name }, at) => new Option(name || `${KINDS[kind]} ${String(at + 1)}`, id),
      );
      box.replaceChildren(new Option('As the system is set', ''), ...options);
      box.value = phone.chosenDevice(kind) ?? '';
      box.disabled = those.length === 0;
    }
    const areNamed = devices.every(({ name }) => name !== '');
    write(state, areNamed ? '' : 'Their names are known after your first call.');
  };
  const read = async (): Promise<void> => {
    await phone.devices().then(fill, () => {
      write(state, 'This browser does not tell its devices.');
    });
  };
  const use = async (kind: DeviceKind, id: string): Promise<void> => {
    await phone.useDevice(kind, id === '' ? undefined : id);
    localStorage.setItem(nameOf(kind), id);
  };
  const open = (isOpen: boolean): void => {
    button.ariaExpanded = String(isOpen);
    show(section, isOpen);
    if (isOpen) void read();
  };
  for (const { box, kind } of boxes) {
    // One that was chosen and is gone is left to the system.
    use(kind, localStorage.getItem(nameOf(kind)) ?? '').catch(() => undefined);
    box.onchange = () => {
      use(kind, box.value).then(
        () => {
          write(state, 'Saved');
        },
        async (thrown: unknown) => {
          await read();
          write(state, thrown instanceof Error ? thrown.message : 'That did not work.');
        },
      );
    };
  }
  button.onclick = () => {
    open(button.ariaExpanded !== 'true');
  };
  phone.on('devices', fill);
  return {
    show(isRegistered) {
      show(button, isRegistered);
      if (!isRegistered) open(false);
    },
  };
}

function addBox(before: HTMLElement, kind: DeviceKind): HTMLSelectElement {
  const box = document.createElement('select');
  box.id = nameOf(kind);
  addField(before, box, KINDS[kind]);
  return box;
}
