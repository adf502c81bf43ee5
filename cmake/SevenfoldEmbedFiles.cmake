# cmake -DOUTPUT=F.cpp -DFILES=a.json|b.json -DHEADER=EmbeddedThings.h
#       -DFUNCTION=embeddedThings -P SevenfoldEmbedFiles.cmake
# Writes the C++ file that defines what the header declares: a function that
# returns files as an array of EmbeddedFile.
string(REPLACE "|" ";" FILES "${FILES}")
set(entries "")
foreach(path IN LISTS FILES)
  get_filename_component(file "${path}" NAME)
  file(READ "${path}" text)
  string(APPEND entries "    {\"${file}\", R\"json(${text})json\"},\n")
endforeach()
file(WRITE "${OUTPUT}"
"// Generated from python-free-configs; never edited by hand.
#include \"${HEADER}\"

static const sevenfold::EmbeddedFile kFiles[] = {
${entries}};

llvm::ArrayRef<sevenfold::EmbeddedFile> sevenfold::${FUNCTION}() { return kFiles; }
")
