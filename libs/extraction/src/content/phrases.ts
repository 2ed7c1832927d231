/** Wordings of furniture that stand in the text itself. All anchored at the start and free of nested repeats. */

/** Headings over what is not the text: lists of other pages, comments, invitations. */
const TAIL_HEADING =
  /^(?:related\b|more (?:from|on|stories|news|in|great|like|articles|about|coverage|reading)\b|you (?:may|might|could) (?:also )?(?:like|enjoy|be interested)|recommended\b|read (?:more|next|also)\b|also read|trending\b|most (?:read|popular|viewed|shared)|popular (?:posts|stories|now|articles)|latest (?:news|stories|posts|articles|videos)|recent (?:posts|comments|articles|entries)|archives?$|comments?(?:\s*\(?\d*\)?)?$|\d+ comments?$|leave a (?:reply|comment)|post a comment|join the (?:discussion|conversation)|share (?:this|on|with)|about the author|sign up\b|subscribe\b|newsletter|don['’]t miss|what (?:to read|others are reading)|top stories|editor['’]?s['’]? picks|from around the web|sponsored|promoted|around the web|follow us|you['’]ll also like|customers (?:also|who)|similar (?:products|items|articles)|recently viewed|siehe auch|mehr zum thema|das könnte (?:sie|dich)|verwandte|lesen sie auch|à lire aussi|lire aussi|sur le même sujet|articles? (?:liés|similaires|relacionados)|leia (?:também|mais)|veja também|relacionad[oa]s|te puede interesar|lee también|noticias relacionadas|potrebbe interessarti|leggi anche|articoli correlati|lees ook|читайте также|похожие|関連記事|相关文章|相關文章)/i;

/** Whole lines that invite, advertise or steer. */
const FURNITURE_LINE =
  /^(?:we use cookies|(?:please )?accept (?:our |all )?cookies|this (?:web)?site uses cookies|by (?:continuing to|using) (?:use |browse )?(?:this|our) (?:web)?site|advertisements?$|advertisement - |story continues below|article continues (?:below|after)|continue reading|scroll (?:down )?(?:to|for)|skip (?:to|ad)|click here (?:to|for)|(?:get|download) .{0,40}\bapp\b|sign up (?:for|to|here)|sign me up|subscribe (?:to|now|for|here|today)|subscribe$|follow (?:us|@|\w+ on )|like (?:us|this story)|share (?:this|on|via|article)|share$|tweet$|email$|print$|print article|order reprints|text size|read more\b|see more\b|see also:|also see:|also read\b|read also\b|related:|related (?:articles?|stor(?:y|ies)|news|content|video|links?)|watch:|don['’]t miss\b|more:|post (?:a )?comment|leave a (?:reply|comment)|\d+ comments?$|comments?$|be the first to comment|image copyright|image caption|photo(?:graph)?(?:s)?(?: by)?:|photo by |photograph by |image:|image credit|images? \d+ of \d+|picture:|credit:|caption$|close$|getty images|reuters$|have a tip\?|got a tip|contact (?:us|the author)|listen (?:to this|live)|filed under|tags?:|categor(?:y|ies):|posted(?: in\b| by\b| on \w+ \d|:)|published(?: on \w+ \d| by\b|:)|first published|last (?:updated|modified)|updated(?: at| on|:)|copyright (?:©|\d)|© ?\d|all rights reserved|this (?:article|story) (?:originally|first) appeared|get the latest .{0,60}(?:inbox|news|newsletter)|this document is subject to copyright|back to top|sort by\b|(?:showing|displaying) \d+|page \d+ of \d+$|\d+ min(?:ute)?s? read|\d+ shares?$)/i;

/** What is left when only the credit of a picture stands there. */
const CREDIT_LINE =
  /^\(?(?:photo|image|picture|foto|credit|source|bild|crédit|courtesy|illustration)s?\b.{0,80}(?:getty|reuters|ap\b|afp|epa|shutterstock|staff|:)/i;

/** Words of buttons in items and posts. */
const ACTION =
  '(?:reply|quote|multi-?quote|report|like|unlike|share|edit|flag|permalink|upvote|downvote|save|follow|read more|see more|show more|more info|learn more|find out more|continue reading|view (?:details|product|item|post|profile)|see details|quick (?:view|look|shop)|add to (?:cart|basket|bag|wish ?list|compare|favou?rites)|buy now|shop now|compare|antworten|zitieren|melden|teilen|weiterlesen|mehr lesen|in den warenkorb|répondre|citer|signaler|lire la suite|ajouter au panier|responder|citar|leer más|añadir al carrito)';
const ACTION_LINE = new RegExp(`^${ACTION}(?:\\s?[·|•»→>…]?\\s?${ACTION}){0,6}\\s?[»→>…]{0,2}$`, 'i');

/** True for a line of an item or a post that is nothing but its buttons. */
export function isRecordFurniture(line: string): boolean {
  return line.length <= 80 && ACTION_LINE.test(line);
}

const CALL =
  /^(?:(?:get|request|ask for|claim) (?:a |an |your |my )?(?:free )?(?:quote|estimate|demo|consultation|offer|started|in touch)(?: today| now)?|get started(?: today| now| free)?|book (?:now|online|today|(?:a|an|your) (?:free )?(?:call|demo|visit|appointment|consultation|session|table|slot))(?: now| today)?|schedule (?:a|an|your) \w+(?: \w+)?|call (?:us|now)(?: now| today)?|contact (?:us|sales)(?: now| today)?|talk to (?:us|sales|an expert)|(?:start|try) (?:it |your |a |for )?(?:free|now)(?: trial)?(?: today| now)?|sign up(?: now| free| today)?|learn more|read more|find out more|discover more|see more|view all|see all|show all|shop now|buy now|order now|add to (?:cart|basket|bag|wish ?list)|download (?:now|brochure)|jetzt (?:anfragen|buchen|kaufen|bestellen)|mehr erfahren|en savoir plus|más información)\s?[»→>…!]{0,2}$/i;

const OFFER =
  /^(?:(?:get|request|ask for|claim) .{0,20}(?:quote|estimate|demo|consultation|offer)|get started|book (?:now|online|an?|your)|schedule (?:an?|your)|(?:start|try) .{0,12}(?:free|trial)|jetzt (?:anfragen|buchen))\b/i;

/** True for a line that invites to take a service. */
export function isOffer(line: string): boolean {
  return line.length <= 40 && OFFER.test(line);
}

/** True for a line that only invites. */
export function isCallToAction(line: string): boolean {
  return line.length <= 60 && CALL.test(line);
}

/** What a forum says of who wrote a post: counts and dates that are no part of it. */
export function isPostMeta(line: string): boolean {
  return (
    line.length <= 60 &&
    /^(?:(?:posts?|messages?|joined|join date|member since|registered|reputation|likes?|threads?|points|karma|location|beiträge|registriert|inscrit|mensajes)\s?:?\s?(?:[\d#]|\w{3,9}\.? \d)|location:)/i.test(
      line,
    )
  );
}

/** Headings of what readers wrote: prose, but not the page's own. */
export function isCommentHeading(line: string): boolean {
  return (
    line.length <= 60 &&
    /^(?:\d+ |top |top rated |reader |readers['’] |all |latest )?(?:comments?|replies|responses|kommentare|commentaires|comentarios|comentários|commenti|reacties)\b(?! on\b.{20})/i.test(
      line,
    )
  );
}

export function isTailHeading(line: string): boolean {
  return line.length <= 80 && TAIL_HEADING.test(line);
}

export function isFurnitureLine(line: string): boolean {
  return line.length <= 140 && (FURNITURE_LINE.test(line) || CREDIT_LINE.test(line));
}

/** "By Ada Marlow", a date, a place: what stands between a headline and its text. */
export function isByline(line: string): boolean {
  return (
    line.length <= 80 &&
    !/[.!?]$/.test(line) &&
    /^(?:by|von|par|por|da|door|written by|posted by|story by|words by|author:)\s+\S/i.test(line)
  );
}
