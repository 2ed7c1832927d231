import type { Lexicon } from './lexicon.js';
import { lineList, wordList } from './word-list.js';

export const GERMAN: Lexicon = {
  nouns: wordList(`Ingenieure Seeleute Gärtner Bäcker Lehrerinnen Musiker Tischler Bäuerinnen Fahrer Angler Drucker Weber
    Bergleute Archivare Malerinnen Brauer Uhrmacher Schneider Förster Imker Töpfer Glaser Maurer Flüsse Täler Häfen Brücken Türme
    Laternen Motoren Turbinen Fässer Körbe Leitern Fenster Gärten Wiesen Wälder Hecken Terrassen Höfe Märkte Museen Theater
    Bahnhöfe Lagerhäuser Werkstätten Küchen Keller Briefe Karten Skizzen Romane Gedichte Rezepte Handbücher Berichte Tagebücher
    Verträge Fahrkarten Rechnungen Geigen Trompeten Trommeln Orgeln Melodien Chöre Proben Konzerte Feste Umzüge Vorträge
    Ausstellungen Stürme Gezeiten Strömungen Fröste Wolken Schatten Ernten Blüten Setzlinge Wurzeln Zweige Fühler Signale Batterien
    Antennen Satelliten Kabel Schalter Rechner Archive Datenbanken Haushalte Gehälter Kredite Zölle Wahlen Räte Ausschüsse Nachbarn
    Besucher Lehrlinge Rentner Studierende Reisende Händler Prüferinnen Freiwillige Fischotter Reiher Lachse Dachse Falken Schwalben
    Käfer Spinnen Füchse Luchse Muscheln Austern Flechten Moose Fahrräder Straßenbahnen Fähren Kähne Lastwagen Schlitten Anker
    Kompasse Fernrohre Farben Stoffe Balken Ziegel Lacke Harze Kristalle Kiesel Brote Käselaibe Gurken Klöße Nudeln Pfannkuchen
    Mandeln Walnüsse Aprikosen Quitten Kirschen Rüben Linsen`),
  adjectives: wordList(`stillen schmalen alten bescheidenen spröden großzügigen neugierigen geduldigen unruhigen leeren fernen
    vertrauten hölzernen kupfernen bemalten polierten rostigen geflickten geliehenen vergessenen gefeierten umstrittenen ländlichen
    städtischen fremden hiesigen nördlichen südlichen östlichen westlichen gefrorenen feuchten trockenen fruchtbaren flachen steilen
    sanften wilden eleganten vorsichtigen leichtsinnigen pünktlichen verspäteten sturen heiteren ernsten ehrlichen teuren günstigen
    tragbaren haltbaren zerbrechlichen biegsamen starren hohlen festen durchsichtigen bunten blassen silbernen goldenen gestreiften
    gewebten geschnitzten gedruckten digitalen drahtlosen zuverlässigen veralteten runden senkrechten befristeten jährlichen frühen
    begabten namenlosen bekannten gewöhnlichen seltenen duftenden bitteren rauchigen gesalzenen gerösteten`),
  verbs: wordList(`reparierten maßen bemalten erbten ordneten zeichneten beförderten versteigerten restaurierten befragten ersetzten
    sammelten beobachteten beschrieben fotografierten schützten verließen entdeckten prüften zerlegten schmückten schärften bestellten
    genehmigten bezahlten zählten wogen verglichen übersetzten veröffentlichten kopierten sortierten verpackten lagerten retteten
    pflanzten ernteten gossen rösteten würzten kosteten lobten kritisierten verteidigten besteuerten mieteten teilten vereinten
    umgaben überquerten verfolgten mieden begrüßten unterhielten untersuchten belohnten verschoben feierten verdoppelten halbierten
    verkleinerten erweiterten verstärkten beleuchteten kühlten`),
  places: lineList(`beim alten Leuchtturm
    hinter dem Zollhaus
    entlang des Kanals
    im oberen Tal
    auf den nördlichen Inseln
    unter den Bahnbögen
    am Rand des Moors
    in der früheren Brauerei
    zwischen den beiden Steinbrüchen
    auf dem Marktplatz
    neben dem Wehr
    oberhalb der Baumgrenze
    rund um den Stausee
    im Keller des Rathauses
    gegenüber dem Busbahnhof
    jenseits der Ringstraße
    unterhalb der Burg
    in jedem zweiten Dorf`),
  times: lineList(`vor dem ersten Frost
    nach dem Hochwasser
    während des langen Streiks
    seit der letzten Zählung
    an jedem zweiten Dienstag
    innerhalb eines Jahrzehnts
    kurz nach Mitternacht
    in den Sommerferien
    um die Jahrhundertwende
    eine Woche vor der Wahl
    am späten Nachmittag
    beim dritten Versuch
    bis Ende November
    trotz der Warnung
    gegen jeden Rat`),
  patterns: lineList(`Die {A} {N} {V} {P} genau {#} Mal die {A} {N}.
    Nicht die {N}, sondern die {A} {N} {V} {T} die {N} {P}.
    Viele {N} und auch die {A} {N} {V} die {A} {N} {T}.
    Es waren die {A} {N}, die {P} die {N} {V}.
    Manche {N} {V} {T} die {A} {N}, andere {V} lieber die {N}.
    Weder die {N} noch die {A} {N} {V} {P} die {A} {N}.
    Als die {N} die {A} {N} {V}, blieben {P} nur {#} {N} übrig.
    Die {N} {V} und {V} die {A} {N}, weil die {N} sie nicht {V}.
    Selten {V} die {A} {N} so viele {N} wie {T} {P}.
    Obwohl die {N} die {N} {V}, standen {T} noch {#} {N} {P}.
    Ohne die {A} {N} und die {A} {N} {V} die {N} nichts {P}.
    Etwa {#} {N} {V} die {A} {N}, bevor die {N} sie {V}.`),
  titles: lineList(`Warum die {A} {N} die {A} {N} {V}
    Die {A} {N} und die {A} {N}
    Wie {#} {N} die {A} {N} {V}
    Von {N}, {N} und den {A} {N}`),
  words: {
    home: 'Startseite',
    sections: { article: 'Nachrichten', documentation: 'Anleitungen', product: 'Laden', thread: 'Forum' },
    related: 'Das könnte Sie auch interessieren',
    cookies: 'Wir und unsere Partner verwenden Cookies, um Ihren Besuch angenehmer zu machen und unsere Reichweite zu messen.',
    accept: 'Alle annehmen',
    comments: 'Was Leserinnen und Leser sagen',
    newsletter: 'Bestellen Sie unseren wöchentlichen Brief und verpassen Sie keine Ausgabe mehr.',
    footer: 'Alle Rechte vorbehalten. Impressum, Datenschutz und Nutzungsbedingungen gelten für jede Seite.',
    by: 'Von',
    details: 'Einzelheiten',
  },
};
