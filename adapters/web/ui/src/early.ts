// What the page begins with, before the rest is here: so texts come beside it. Not where it is the
// sign-in that comes, which has its own and is not to wait for others.
import {load, wished} from './lib/language/language';

// Where it fails, it is asked for again.
if (localStorage.getItem('baluhost.signed-in') || location.pathname.startsWith('/s/'))
  load(wished()).catch(() => {});
