import type { ControlMapping } from '../core/controls.ts';
import { messageOf } from '../core/errors.ts';
import type { Log } from '../core/log.ts';

/**
 * The mapping to controls, read when it is first wanted and kept. A workspace's own file that does not load leaves
 * Placet's mapping as it is.
 */
export function createControls(policies: string, log: Log): () => Promise<ControlMapping> {
  let loading: Promise<ControlMapping> | undefined;
  const load = async (): Promise<ControlMapping> => {
    const { loadControls } = await import('../evidence/controls/load.ts');
    try {
      return (await loadControls({ policies })).mapping;
    } catch (error) {
      log(`${messageOf(error)} Only Placet's own mapping is shown.`);
      return (await loadControls({})).mapping;
    }
  };
  return () => (loading ??= load());
}
