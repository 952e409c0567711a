import { commands, l10n } from 'vscode';
import type { Mend } from '../../server/src/errors/limit.ts';
import { SECTION } from './settings.ts';

export const DOCTOR_COMMAND = 'ebuildAudit.doctor';

/** The command that leads to the place where the user mends something, with the words of its button. */
export function commandOf(mend: Mend): { title: string; command: string; arguments: unknown[] } {
  if (mend.kind === 'setting')
    return {
      title: l10n.t('Open Setting'),
      command: 'workbench.action.openSettings',
      arguments: [`${SECTION}.${mend.name}`],
    };
  if (mend.kind === 'trust')
    return { title: l10n.t('Manage Workspace Trust'), command: 'workbench.trust.manage', arguments: [] };
  return { title: l10n.t('Run Doctor'), command: DOCTOR_COMMAND, arguments: [] };
}

/** The buttons of a message about something that the user can mend, the place of the mend first. */
export function mendButtons(mend: Mend): readonly ReturnType<typeof commandOf>[] {
  return mend.kind === 'setting' ? [commandOf(mend), commandOf({ kind: 'doctor' })] : [commandOf(mend)];
}

export async function openMend(button: ReturnType<typeof commandOf>): Promise<void> {
  await commands.executeCommand(button.command, ...button.arguments);
}
