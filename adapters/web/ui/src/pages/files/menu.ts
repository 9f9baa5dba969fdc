import type {FileInfo} from '../../api/client';
import {
  Copy, Download, Eye, FolderInput, Pencil, RotateCcw, Share2, Trash2
} from '../../components/icons';
import type {MenuItem} from '../../components/Menu.svelte';
import {t} from '../../lib/i18n.svelte';
import type {Folder} from './folder.svelte';
import type {Work} from './work';

/** What can be done with an entry, and with what is chosen beside it. */
export function itemMenu(folder: Folder, work: Work, item: FileInfo): MenuItem[] {
  const all = folder.targets(item);
  const one = all.length === 1;
  const isFile = one && item.kind === 'file';
  const isHome = folder.path === '';
  return [
    ...(isFile ? [{label: t('files.preview'), icon: Eye, run: () => work.open(item)}] : []),
    {label: t('files.download'), icon: Download, run: () => void work.save(all)},
    ...(isFile ? [{label: t('versions.title'), icon: RotateCcw,
                   run: () => folder.showVersions(item)}] : []),
    ...(one ? [{label: t('files.share'), icon: Share2,
                run: () => void (folder.asking = {kind: 'share', item})}] : []),
    ...(isHome ? [] : [
      ...(one ? [{label: t('files.rename'), icon: Pencil, apart: true,
                  run: () => work.startRename(item)}] : []),
      {label: t('files.move'), icon: FolderInput,
       run: () => void (folder.asking = {kind: 'place', how: 'move', items: all})},
      {label: t('files.copy'), icon: Copy,
       run: () => void (folder.asking = {kind: 'place', how: 'copy', items: all})},
      {label: t('files.delete'), icon: Trash2, danger: true, apart: true,
       run: () => void work.askToDelete(all)}
    ])
  ];
}
