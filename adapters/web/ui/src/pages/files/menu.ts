import type {FileInfo} from '../../api/client';
import {
  Copy, Download, Eye, FolderInput, Pencil, RotateCcw, Share2, Trash2
} from '../../components/icons/icons';
import type {MenuItem} from '../../components/controls/Menu.svelte';
import {t} from '../../lib/language/i18n.svelte';
import type {Folder} from './folder.svelte';
import {may} from './rights.svelte';
import type {Work} from './work';

/** What one may do with an entry, and with what is chosen beside it. */
export function itemMenu(folder: Folder, work: Work, item: FileInfo): MenuItem[] {
  const all = folder.targets(item);
  const one = all.length === 1;
  const paths = all.map(({path}) => path);
  const isHome = folder.path === '';
  const isFile = one && item.kind === 'file' && may.download(paths);
  const rename = one && may.rename(item.path);
  const move = may.move(paths);
  return [
    ...(isFile ? [{label: t('files.preview'), icon: Eye, run: () => work.open(item)}] : []),
    ...(may.download(paths) ? [{label: t('files.download'), icon: Download,
                                run: () => void work.save(all)}] : []),
    ...(isFile ? [{label: t('versions.title'), icon: RotateCcw,
                   run: () => folder.showVersions(item)}] : []),
    ...(one && may.share(item.path) ? [{label: t('files.share'), icon: Share2,
                run: () => void (folder.asking = {kind: 'share', item})}] : []),
    ...(isHome ? [] : [
      ...(rename ? [{label: t('files.rename'), icon: Pencil, apart: true,
                     run: () => void work.startRename(item)}] : []),
      ...(move ? [{label: t('files.move'), icon: FolderInput, run: () => work.place('move', all)}]
               : []),
      ...(may.download(paths) ? [{label: t('files.copy'), icon: Copy,
                                  run: () => work.place('copy', all)}] : []),
      ...(may.remove(paths) ? [{label: t('files.delete'), icon: Trash2, danger: true, apart: true,
                                run: () => void work.askToDelete(all)}] : [])
    ])
  ];
}
